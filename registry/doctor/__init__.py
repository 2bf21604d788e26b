"""What in the registry contradicts itself, or has grown old: for people, judges nothing.

`examine.examine` asks everything; `rights` looks at one laboratory after the other, `shared`
at what several have in common, `claims` at what the registry says of its own completeness.
"""
