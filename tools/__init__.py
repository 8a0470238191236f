"""tools: what is made for the people who keep the project, and is no part of the program."""
