import ArgumentParser
import Foundation
import PurchaseApp
import SQLCore

/// Turns what can go wrong into one clear message on standard error and an exit code (sysexits.h).
func failing<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let problems as ConfigurationProblems {
        complain(problems.description)
        throw ExitCode(78)
    } catch let error as SQLError {
        complain("purchase: \(error.detail)")
        throw ExitCode(69)
    }
}

/// Writes a line for people on standard error.
func complain(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}

/// Writes a value as JSON on standard output.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    StandardOutput.write(String(decoding: try encoder.encode(value), as: UTF8.self))
}
