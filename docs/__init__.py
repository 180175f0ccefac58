"""What is written from the code: the API reference (`build`), and the words for the tables of the READMEs."""
