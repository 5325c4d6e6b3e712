// `project.lang` while a session runs. It is watched like a file of the program, but nothing of it can change under a program
// that runs: which module begins and what is linked is settled at the start. So what it says now is only looked at.
//
//   broken            its problems, once              sound again        said so
//   another `:main`   said, as is its way back        another `:link`    the same
//   name, version     nothing
//
// Invariant: a report of it says nothing of the program, which goes on as it was, paused or not.

import Frontend
import Runtime
import Synchronization

/// The project of a session, as it was at the start and as its file was last seen.
struct WatchedProject {
  var path: String
  var text: [UInt8]
  let atStart: ProjectFile
  /// What clients have been told of; nil while the file is broken.
  var told: ProjectFile?

  init?(_ file: SourceFile) {
    let (project, problems) = ProjectFile.parse(file.path, file.text, colours: false)
    if problems.contains(where: { $0.severity == .error }) { return nil }
    (path, text, atStart, told) = (file.path, file.text, project, project)
  }
}

extension Session {
  /// Takes in what a watcher saw of `project.lang`; false when the change is of another file.
  func takeProject(_ change: Watcher.Change) -> Bool {
    var report: CascadeReport?
    let isOfProject = compiling.withLock { _ -> Bool in
      guard let path = project?.path else { return false }
      switch change {
      case .text(path, let text): report = projectReport(text)
      case .vanished(path):
        project?.told = nil
        report = CascadeReport()
        report?.notes = ["`\(path)` is gone; the program runs on as it was started"]
      case .unreadable(path, let problem):
        project?.told = nil
        report = CascadeReport()
        report?.diagnostics = [LocatedDiagnostic(problem, file: path, colours: options.colours)]
      default: return false
      }
      if report != nil {
        lastID += 1
        report?.id = lastID
        report?.status = project?.told == nil ? .refused : .committed
        report?.concernsProgram = false
      }
      return true
    }
    if let report { onEvent(.cascade(report)) }
    return isOfProject
  }

  /// nil when there is nothing to say. With `compiling` held.
  private func projectReport(_ text: [UInt8]) -> CascadeReport? {
    guard var project else { return nil }
    defer { self.project = project }
    project.text = text
    var report = CascadeReport()
    var (file, problems) = ProjectFile.parse(project.path, text, colours: options.colours)
    if problems.isEmpty, file.main != project.atStart.main, let problem = missingMain(file, project.path, text) { problems = problem }
    report.diagnostics = problems
    guard !problems.contains(where: { $0.severity == .error }) else {
      project.told = nil
      return report
    }
    let before = project.told
    if before == nil { report.notes.append("`\(project.path)` is sound again") }
    if file.main != (before ?? project.atStart).main {
      report.notes.append(
        file.main == project.atStart.main
          ? "`:main` is `\(file.main)` again, which runs"
          : "`:main` is `\(file.main)` now, and `\(project.atStart.main)` runs on: end this session and start it again to run the other")
    }
    if file.link != (before ?? project.atStart).link {
      report.notes.append(
        file.link == project.atStart.link
          ? "`:link` is what the program was started with again" : "`:link` is another now: libraries are linked when the session starts, so start it again")
    }
    project.told = file
    return report.notes.isEmpty ? nil : report
  }

  private func missingMain(_ file: ProjectFile, _ path: String, _ text: [UInt8]) -> [LocatedDiagnostic]? {
    let places = layout.paths(of: file.main)
    for place in places {
      if texts[place] != nil { return nil }
      if case .success = options.files.read(place) { return nil }
    }
    return ProjectFile.locate(
      "the main module `\(file.main)` is not there: looked for `\(places.first ?? file.main)`",
      help: "`\(project?.atStart.main ?? "main")` runs on; write that file, or name the module that begins", in: path, text, colours: options.colours)
  }
}
