import ArgumentParser
import Foundation
import PurchaseAPI
import PurchaseApp
import SQLiteAdapter

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Play orders that succeed, fail and are cancelled, and draw who reacted to what.",
        discussion: """
            Works on a fresh store of its own, which is removed afterwards; needs no server and no configuration. Services are \
            woken one after the other, one event at a time: that is all that differs from a server. At the end every invariant \
            is verified.

            Scenarios: \(DemoScenario.Name.allCases.map(\.rawValue).joined(separator: ", ")).

            Exits 1 if an order does not end as announced or an invariant is broken.
            """)

    enum Pace: String, ExpressibleByArgument, CaseIterable { case fast, normal, slow }

    @Option(name: .long, help: "Play this scenario only; repeat it for several.")
    var only: [DemoScenario.Name] = []

    @Option(name: .long, help: "fast, normal or slow. By default normal on a terminal, else fast.")
    var pace: Pace?

    @Option(name: .long, help: "en or ko. By default that of LC_ALL, LC_MESSAGES or LANG.")
    var language: Language?

    @Flag(name: .long, help: "Keep the database, and say where it is.")
    var keep = false

    @Flag(name: .long, help: "Print one JSON object with every timeline instead of drawing.")
    var json = false

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "purchase-demo-\(UUID().uuidString)")
        let path = folder.appending(path: "demo.sqlite").path
        let report: DemoReport
        do {
            report = try await failing {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                return try await interruptible { try await play(on: path) }
            }
        } catch {
            try tidy(folder, path, nil)
            if error is CancellationError { throw ExitCode(130) }
            throw error
        }
        if json { try printJSON(report) }
        try tidy(folder, path, report)
        if !report.isGood { throw ExitCode(1) }
    }

    private func play(on path: String) async throws -> DemoReport {
        let language = language ?? .preferred()
        let drawing = DemoDrawing(language, .forStandardOutput())
        let isDrawn = !json
        let show: @Sendable ([String]) -> Void = { lines in if isDrawn { lines.forEach(StandardOutput.write) } }
        let database = try SQLiteDatabase.open(path: path)
        let player = try await DemoPlayer(database, language: language, pace: chosenPace)
        let names = only.isEmpty ? DemoScenario.Name.allCases : only
        show(drawing.opening())
        var timelines: [DemoTimeline] = []
        for (index, scenario) in names.map(DemoScenario.init).enumerated() {
            show(drawing.heading(scenario, index + 1, of: names.count))
            let timeline = try await player.play(scenario) { show(drawing.lines($0, of: scenario)) }
            show(drawing.closing(timeline) + drawing.ending(timeline))
            timelines.append(timeline)
        }
        let report = DemoReport(timelines: timelines, verification: try await player.verify())
        try database.close()
        show(drawing.summary(report))
        return report
    }

    private var chosenPace: DemoPace {
        let pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
        return switch pace ?? (isatty(STDOUT_FILENO) == 1 && !json ? .normal : .fast) {
        case .fast: DemoPace(reading: .zero, skipsWaits: true, pause: pause)
        case .normal: DemoPace(reading: .milliseconds(150), skipsWaits: false, pause: pause)
        case .slow: DemoPace(reading: .milliseconds(900), skipsWaits: false, pause: pause)
        }
    }

    private func tidy(_ folder: URL, _ path: String, _ report: DemoReport?) throws {
        guard keep, let report else {
            if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
            return
        }
        complain("kept: \(path)")
        guard let order = report.timelines.last?.order else { return }
        complain("look at it: purchase explain \(order) --database \(path)")
    }
}

extension DemoScenario.Name: ExpressibleByArgument {}

extension Language {
    /// The language of messages that the environment asks for (POSIX, 8.2); English unless that is Korean.
    static func preferred(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Language {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        return locale?.lowercased().hasPrefix("ko") == true ? .ko : .en
    }
}
