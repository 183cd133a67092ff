#!/bin/sh
# The Chromium without windows of its own where there is one: it takes two thirds of the time. The other goes without what
# drops down from its address bar: two pages in each window, which no test sees and which cost more to draw than the
# test's. Chromium heeds the last list of features alone, so these two join Playwright's.
command -v chromium-headless-shell >/dev/null && exec chromium-headless-shell "$@"
for argument; do
    shift
    case $argument in --disable-features=*) argument="$argument,WebUIOmniboxPopup,WebUIOmniboxAimPopup" ;; esac
    set -- "$@" "$argument"
done
exec chromium "$@"
