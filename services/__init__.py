"""How the services run: the chassis they share, the console, all in one process, and the command line."""
