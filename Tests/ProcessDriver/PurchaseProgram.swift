import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How a process ended.
package enum Exit: Sendable, Equatable {
    case code(Int32)
    case signal(Int32)
}

/// The program under test is not where SwiftPM puts it.
package struct ProgramNotBuilt: Error, CustomStringConvertible {
    package let program: String
    package let places: [String]

    package var description: String {
        """
        no program '\(program)' in \(places.joined(separator: " or ")); build it first: \
        swift build --product \(program)
        """
    }
}

/// The built program, and one process of it. Its output goes to files, so that nobody has to drain it.
package actor PurchaseProgram {
    private let process = Process()
    private let outPath: String
    private let errorPath: String

    /// The folder that SwiftPM builds into: beside this test bundle, else where a plain build puts it.
    package static func path(of program: String = "purchase") throws -> String {
        var folders = [URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(), Bundle.main.bundleURL]
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        folders.append(root.appending(path: ".build/debug"))
        // Another build, for a long run.
        if let chosen = ProcessInfo.processInfo.environment["PURCHASE_PROGRAMS"] {
            folders = [URL(filePath: chosen, relativeTo: root)]
        }
        let places = folders.map { $0.appending(path: program).path }
        guard let found = places.first(where: FileManager.default.isExecutableFile) else {
            throw ProgramNotBuilt(program: program, places: places)
        }
        return found
    }

    /// Starts `purchase`, or another program of this package, with exactly these arguments and this environment.
    ///
    /// - Parameter name: what the files with its output are called, `.out` and `.err`; made up if not given.
    package init(
        _ arguments: [String], _ environment: [String: String], in workspace: Workspace, program: String = "purchase",
        name: String? = nil
    ) throws {
        let name = name ?? "\(arguments.first ?? program)-\(UUID().uuidString)"
        outPath = workspace.path("\(name).out")
        errorPath = workspace.path("\(name).err")
        for path in [outPath, errorPath] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        process.executableURL = URL(filePath: try Self.path(of: program))
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = workspace.folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: outPath))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: errorPath))
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    package nonisolated var out: String { text(outPath) }
    package nonisolated var errors: String { text(errorPath) }

    private nonisolated func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// How it ended; `nil` while it runs.
    package var exit: Exit? {
        guard !process.isRunning else { return nil }
        return process.terminationReason == .exit
            ? .code(process.terminationStatus) : .signal(process.terminationStatus)
    }

    /// Most memory that it ever had resident, in bytes; 0 where the system does not tell, or once it has ended.
    package var peakMemory: Int {
        guard let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kibibytes = line.split(separator: " ").compactMap({ Int($0) }).first
        else { return 0 }
        return kibibytes * 1024
    }

    /// Its number in the system.
    package var number: Int32 { process.processIdentifier }

    /// Sends a signal to this very process.
    package func signal(_ number: Int32) { if process.isRunning { kill(process.processIdentifier, number) } }

    /// No file that it writes may grow beyond so many bytes from now on; `nil` ends that. To the process it looks as a disk that is
    /// full, save for the number of the error; a file system of its own would need somebody who may mount it. Linux alone has it.
    ///
    /// - Throws: ``LimitRefused``.
    package func limitFiles(to bytes: UInt64?) throws {
        let tool = Process()
        tool.executableURL = URL(filePath: "/usr/bin/env")
        // The colon: the soft limit alone, which may be raised again.
        tool.arguments = [
            "prlimit", "--pid", String(process.processIdentifier), "--fsize=\(bytes.map(String.init) ?? "unlimited"):",
        ]
        try tool.run()
        tool.waitUntilExit()
        guard tool.terminationStatus == 0 else { throw LimitRefused(status: tool.terminationStatus) }
    }

    /// `prlimit` is missing or may not do it.
    package struct LimitRefused: Error { package let status: Int32 }

    /// Waits for its end; kills it when that does not come.
    package func end(within limit: Duration) async throws -> Exit {
        do {
            return try await waiting(for: "the end of purchase", within: limit) { exit }
        } catch {
            signal(SIGKILL)
            throw error
        }
    }
}

/// A command that ran to its end.
package struct Ended: Sendable {
    package let exit: Exit
    package let out: String
    package let errors: String

    package var errorLines: [Substring] { errors.split(separator: "\n") }
}

extension Workspace {
    /// Runs a command to its end.
    ///
    /// - Parameter environment: what differs from ``environment(_:)``; or all of it, if `isBare`.
    package func run(
        _ arguments: [String], environment more: [String: String] = [:], isBare: Bool = false,
        within limit: Duration = .seconds(60)
    ) async throws -> Ended {
        let program = try PurchaseProgram(arguments, isBare ? more : environment(more), in: self)
        let exit = try await program.end(within: limit)
        return Ended(exit: exit, out: program.out, errors: program.errors)
    }
}
