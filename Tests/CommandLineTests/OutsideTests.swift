// What the prelude has of the world outside: arguments, standard streams, files, exit codes.

import Testing

@Suite struct OutsideTests {
  @Test func linesArgumentsFilesAndExitCodes() throws {
    let folder = try Folder()
    try folder.write(
      "a.lang",
      """
      (defn main [given: (Vec String)] -> Int
        (println given (= given (args)))
        (print "name? ")
        (flush)
        (let [mut more true]
          (while more
            (match (read-line)
              (Some line) (println (len line) line)
              None (do (println "end" (read-line)) (set! more false)))))
        (println (write-file "out.txt" "één\\n") (append-file "out.txt" "two"))
        (println (map-option (fn [text] (split text "\\n")) (read-file "out.txt")))
        (println (err? (write-file "no/such/folder/x" "")) (err? (append-file "no/such/folder/x" "")))
        (println (read-key) (gc))
        (eprintln "problem" 1)
        (if (= (len given) 2) (exit 7) 3))
      """)
    let input = "Ann\n\nlast line, längst"
    #expect(
      try folder.lang("run", "a.lang", "--", "x", "y z", input: input)
        == Finished(
          code: 7,
          out: """
            (vec "x" "y z") true
            name? 3 Ann
            0 \("")
            18 last line, längst
            end None
            (Ok ()) (Ok ())
            (Ok (vec "één" "two"))
            true true
            None ()

            """, errors: "problem 1\n"))
    #expect(try folder.lang("run", "a.lang", input: "").code == 3)
  }
}
