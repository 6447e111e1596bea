"""What a statement rests on: the records its citations point at, and the figures that follow from them. No rules here."""
