"""Who may sell here and who they are: applications, invitations, approval, profiles."""
