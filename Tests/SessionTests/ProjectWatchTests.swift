// What is said when `project.lang` changes while its program runs.

import Frontend
import Runtime
import Session
import Testing

@Suite struct ProjectWatchTests {
  private static let text = """
    (defn start [] -> Int 0)
    (defn step [n: Int] -> Bool (do (println "turn") true))
    (defn main [] -> Unit (live-loop start step))
    """

  /// Saves `project.lang` again and again; answers what is said of each: its status, codes, and notes.
  private func story(_ saves: [Watcher.Change], isPaused: Bool = false) -> [[String]] {
    let live = LiveProgram()
    live.disk.update {
      $0["src/main.lang"] = Array(Self.text.utf8)
      $0["src/other.lang"] = Array("(defn main [] -> Unit ())".utf8)
    }
    var files = ProgramFiles([(path: "src/main.lang", text: Array(Self.text.utf8))])
    files.projectFile = SourceFile(path: "project.lang", text: Array("(project \"game\" :version \"1\" :link [\"m\"])".utf8))
    let problems = onCompilerStack { [files] in live.session.load(files) }
    #expect(problems.isEmpty)
    live.start()
    #expect(live.take(1))
    #expect(live.session.watchedFiles().contains { $0.path == "project.lang" && $0.text != nil })
    var story: [[String]] = []
    for save in saves {
      let before = live.monitor.value.reports.count
      onCompilerStack { live.session.take([save]) }
      for report in live.monitor.value.reports.dropFirst(before) {
        #expect(!report.concernsProgram && report.changed.isEmpty && report.recompiled.isEmpty)
        story.append([report.status.rawValue] + report.diagnostics.map(\.code.rawValue) + report.notes)
      }
    }
    // It goes on as it was.
    _ = live.takeOutput()
    #expect(live.take(1))
    #expect(live.takeOutput() == "turn\n")
    #expect(live.stop())
    live.checkEvents("project.lang")
    return story
  }

  private func save(_ text: String) -> Watcher.Change { .text(path: "project.lang", text: Array(text.utf8)) }

  @Test func nameAndVersionAreNothingToTheProgram() {
    #expect(story([save("(project \"game\" :version \"2\" :link [\"m\"])"), save("(project \"play\" :version \"2\" :link [\"m\"]) ; so")]) == [])
  }

  @Test func itBreaksAndIsMended() {
    let told = story([
      save("(project \"game\" :mian main)"), save("(project \"game\" :version"), save("(project \"game\" :link [\"m\"])"), save("(project \"game\" :link [\"m\"])"),
      .vanished(path: "project.lang"), save("(project \"game\" :link [\"m\"])"),
    ])
    #expect(told == [
      ["refused", "E0123"], ["refused", "E0102"], ["committed", "`project.lang` is sound again"],
      ["refused", "`project.lang` is gone; the program runs on as it was started"], ["committed", "`project.lang` is sound again"],
    ])
  }

  @Test func anotherMainModule() {
    let told = story([
      save("(project \"game\" :main other :link [\"m\"])"), save("(project \"game\" :main other :version \"3\" :link [\"m\"])"),
      save("(project \"game\" :link [\"m\"])"), save("(project \"game\" :main nowhere :link [\"m\"])"), save("(project \"game\" :link [\"m\"])"),
    ])
    #expect(told == [
      ["committed", "`:main` is `other` now, and `main` runs on: end this session and start it again to run the other"],
      ["committed", "`:main` is `main` again, which runs"], ["refused", "E0123"], ["committed", "`project.lang` is sound again"],
    ])
  }

  @Test func otherLibraries() {
    let told = story([save("(project \"game\" :link [\"SDL2\"])"), save("(project \"game\" :link [\"m\"])")])
    #expect(told == [
      ["committed", "`:link` is another now: libraries are linked when the session starts, so start it again"],
      ["committed", "`:link` is what the program was started with again"],
    ])
  }
}
