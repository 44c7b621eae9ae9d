import Testing

@Suite struct `Rules of the code` {
    private static let banned: [(pattern: String, what: String)] = [
        (#"(?:^|[^\w.])Date\(|\bDate\.now\b"#, "reads the wall clock: take `step.now` or the SagaClock"),
        (#"\b(ContinuousClock|SuspendingClock)\b"#, "reads a clock of its own: take the SagaClock"),
        (
            #"\bTask\s*\.\s*(sleep|yield|detached)\b"#,
            "escapes whoever drives the task: return `.idle(wakeAt:)` or take a closure"
        ),
        (#"(?:^|[^\w.])Task\s*(\{|\()"#, "owns a task: return work to whoever polls, or use a task group"),
        (#"(?:^|[^\w.])(print|debugPrint|dump)\("#, "prints: report through an observer or an injected sink"),
        (#"(?:^|[^\w.])UUID\(\)"#, "makes an id of its own: take the IDGenerator"),
        (#"\.random\(in|\bSystemRandomNumberGenerator\b"#, "rolls its own dice: take the RandomSource"),
    ]

    private var pureFiles: [SourceFile] { House.pure.flatMap(SourceTree.swift(inModule:)) }
    private var sources: [SourceFile] { SourceTree.swift(under: "Sources/") }
    private var swift: [SourceFile] { sources + SourceTree.swift(under: "Tests/") }

    @Test func `engine and services take time, chance, ids and output from outside`() throws {
        let findings = try Self.banned.flatMap { rule in
            try search(pureFiles, for: rule.pattern) { "`\($0)` \(rule.what)" }
        }
        expectNone(findings, toDo: "The same code must run live and in a simulation with virtual time.")
    }

    @Test func `nothing in Sources can stop the process by surprise`() throws {
        let findings = try search(sources, for: #"\btry!|\bas!|\bfatalError\b"#) { "`\($0)`" }
        expectNone(findings, toDo: "Throw, or use `preconditionFailure` for a programmer's mistake.")
    }

    @Test func `unchecked concurrency is met only in adapters`() throws {
        let files = sources.filter { file in
            !House.adapters.contains { file.path.hasPrefix("Sources/\($0)/") }
        }
        let findings = try search(files, for: #"@unchecked Sendable|nonisolated\(unsafe\)|@preconcurrency"#) {
            "`\($0)`"
        }
        expectNone(findings, toDo: "Use a value, an actor or a Mutex.")
    }

    @Test func `no name says Manager, Helper, Utils or Common`() throws {
        let words = "Manager|Helper|Util|Utils|Utilities|Common"
        let types = try search(
            swift,
            for: #"\b(struct|class|enum|protocol|actor|typealias)\s+\w*(\#(words))(?![a-z])\w*"#
        ) { "`\($0)`" }
        let files = SourceTree.files.filter {
            $0.name.firstMatch(of: #/(Manager|Helper|Utils?|Utilities|Common)(?![a-z])/#) != nil
        }
        expectNone(
            types + files.map { Finding(file: $0.path, line: 1, what: "file name") },
            toDo: "Name it after what it does for its caller.")
    }

    @Test func `a Swift file has at most 400 lines`() {
        let long = swift.filter { $0.lines.count > 401 }
        expectNone(
            long.map { Finding(file: $0.path, line: 401, what: "\($0.lines.count - 1) lines") },
            toDo: "Split it: one idea a file; aim at 200 lines.")
    }

    @Test func `nothing is left to do in comments`() throws {
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"].joined(separator: "|")
        let findings = try search(swift, for: #"\b(\#(marks))\b"#, in: \.lines) { "`\($0)`" }
        expectNone(findings, toDo: "Do it, or open an issue.")
    }

    @Test func `no file knows the machine it was written on`() throws {
        let roots = ["ho" + "me", "Us" + "ers", "ro" + "ot", "wo" + "rk", "tm" + "p", "private/" + "var"]
        let pattern = #"(?:^|[^\w.*)}\]/:-])/(\#(roots.joined(separator: "|")))/\w"#
        let findings = try search(SourceTree.files, for: pattern, in: \.lines) { "`\($0)…`" }
        expectNone(
            findings, toDo: "Use a path relative to the repository, or the system's temporary folder through its API.")
    }
}
