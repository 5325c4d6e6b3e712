// Keys typed at the terminal beside a running program. They belong to the program once it has read any
// input, and to the client before, and whenever the client claims them.

import CShims

public enum Keys {
  /// Whether what is typed is the client's in any case, because the program waits for it.
  public static func claim(_ claimed: Bool) { lang_keys_claim(claimed) }

  /// The next byte that is for the client; nil at the end of input. Waits. One thread.
  public static func next() -> UInt8? {
    while true {
      let key = lang_key(100)
      if key == -2 { return nil }
      if key >= 0 { return UInt8(truncatingIfNeeded: key) }
    }
  }

  /// Whether the program has the terminal in its own mode.
  public static var programReads: Bool { lang_terminal_is_raw() }
}
