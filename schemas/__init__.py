"""The words the services share: events, their envelope, jurisdiction, policy, the petition as the outside sees it."""
