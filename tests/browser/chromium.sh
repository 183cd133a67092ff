#!/bin/sh
# Chromium without what drops down from its address bar: two pages of its own in each window, which no test sees and which
# cost more to draw than the test's. Chromium heeds the last list of features alone, so these two join Playwright's.
for argument; do
    shift
    case $argument in --disable-features=*) argument="$argument,WebUIOmniboxPopup,WebUIOmniboxAimPopup" ;; esac
    set -- "$@" "$argument"
done
exec chromium "$@"
