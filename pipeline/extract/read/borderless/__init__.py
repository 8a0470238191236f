"""Tables without rulings, found by the labels of the forms and the places of the words."""
