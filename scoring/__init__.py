"""What a score is: prediction files in, exact numbers out. Needs neither a web server nor a database."""
