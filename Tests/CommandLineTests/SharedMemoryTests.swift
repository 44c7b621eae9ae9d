#if os(Linux)
    import Foundation
    import ProcessDriver
    import Testing

    /// What MongoDB's library does on its own account as the program is loaded, whatever the command.
    @Suite struct `The library of MongoDB` {
        private static let files = "/dev/shm"

        /// Runs the program under the number of the shell that prepared the place for it.
        private func run(_ arguments: [String], after preparation: String) throws -> (status: Int32, errors: String) {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", "\(preparation); exec \"$0\" \"$@\"", try PurchaseProgram.path()] + arguments
            let errors = Pipe()
            process.standardError = errors
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            let said = try errors.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: said, as: UTF8.self))
        }

        @Test(.enabled(if: FileManager.default.isWritableFile(atPath: files)))
        func `says nothing when a killed process of the same number left its counters behind`() throws {
            let result = try run(["--help"], after: ": > \(Self.files)/mongoc-$$")
            #expect(result.status == 0)
            #expect(result.errors.isEmpty, "\(result.errors)")
        }

        @Test(.enabled(if: FileManager.default.isWritableFile(atPath: files)))
        func `leaves no counters behind when the process is killed`() async throws {
            try await withWorkspace { workspace in
                let server = try await Server.start(in: workspace)
                let number = await server.program.number
                try await server.kill()
                #expect(!FileManager.default.fileExists(atPath: "\(Self.files)/mongoc-\(number)"))
            }
        }
    }
#endif
