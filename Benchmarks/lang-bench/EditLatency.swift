// Lang's own rows of the `edit` table: new text of one typed function, read, expanded, checked, lowered and
// swapped into a running session. Measured in this process through `Session`, as the peers measure
// themselves in theirs; ``ProjectGenerator`` gives sessions of 100 to 100,000 definitions and any number of
// texts of the same function (``ProjectGenerator/definition(_:variant:)``).

/// The rows that stand above the peers' in the table. A way that cannot be measured has no row.
func ownEditRows(edits: Int) throws -> [EditRow] {
  []
}
