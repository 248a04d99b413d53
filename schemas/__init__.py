"""The words the services share: events and their envelope, jurisdiction, policy, the petition as the outside sees it."""
