import Foundation
import TestServers
import Testing

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
private let promtool = ServerRequirement(
    program: "promtool", package: "prometheus", folders: [root.appending(path: ".build/tools/usr/bin").path])

@Suite(.enabled(if: promtool.allowsTests, "\(promtool.explanation)"))
struct `The alert rules` {
    @Test(.timeLimit(.minutes(2))) func `fire when they should and at no other time, as Prometheus reads them`() throws
    {
        let check = Process()
        check.executableURL = URL(filePath: "/bin/bash")
        check.arguments = [root.appending(path: "Scripts/check-alerts.sh").path]
        let output = Pipe()
        check.standardInput = FileHandle.nullDevice
        check.standardOutput = output
        check.standardError = output
        try check.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        check.waitUntilExit()
        #expect(check.terminationStatus == 0, "\(String(decoding: text, as: UTF8.self))")
    }
}
