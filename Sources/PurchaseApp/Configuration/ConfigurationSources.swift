import Configuration
import Foundation

/// Where values come from, the first that has one wins: command line, environment, `.env.local`, `.env.<environment>`.
struct ConfigurationSources: Sendable {
    /// A value as text, and where it was found.
    struct Found: Sendable {
        let text: String
        let source: String
    }

    private var sources: [(name: String, provider: EnvironmentVariablesProvider)]
    /// The stage whose `.env` file was looked for, as it was written.
    let stage: String

    /// - Parameters:
    ///   - commandLine: values given as options, by key.
    ///   - environment: the process's environment.
    ///   - directory: where the `.env` files are looked for.
    /// - Throws: ``ConfigurationProblems`` if an `.env` file is there and cannot be read.
    init(commandLine: [String: String], environment: [String: String], directory: String) async throws {
        sources = [
            ("command line", EnvironmentVariablesProvider(environmentVariables: commandLine)),
            ("environment", EnvironmentVariablesProvider(environmentVariables: environment)),
        ]
        sources += try await Self.file(".env.local", in: directory)
        stage = (Self.find(.appEnv, in: sources) ?? Self.find(.nodeEnv, in: sources))?.text ?? "development"
        sources += try await Self.file(".env.\(stage)", in: directory)
    }

    /// The file as a source; none if it is not there.
    private static func file(
        _ file: String, in directory: String
    ) async throws -> [(name: String, provider: EnvironmentVariablesProvider)] {
        let path = "\(directory)/\(file)"
        guard !file.contains("/"), FileManager.default.fileExists(atPath: path) else { return [] }
        do {
            return [(file, try await EnvironmentVariablesProvider(environmentFilePath: .init(path)))]
        } catch {
            throw ConfigurationProblems([.init(key: file, what: "cannot be read: \(error)")])
        }
    }

    /// The value of a key, if any source sets it. An empty text counts as not set, as in a shell.
    func find(_ key: ConfigurationKey) -> Found? { Self.find(key, in: sources) }

    private static func find(
        _ key: ConfigurationKey, in sources: [(name: String, provider: EnvironmentVariablesProvider)]
    ) -> Found? {
        let parts = key.rawValue.lowercased().split(separator: "_").map(String.init)
        for (name, provider) in sources {
            guard let result = try? provider.value(forKey: AbsoluteConfigKey(parts), type: .string),
                case .string(let text)? = result.value?.content, !text.isEmpty
            else { continue }
            return Found(text: text, source: name)
        }
        return nil
    }
}

/// Everything that is wrong with a configuration, at once.
public struct ConfigurationProblems: Error, Sendable, CustomStringConvertible {
    public struct Problem: Sendable, Hashable {
        public let key: String
        public let what: String
    }

    public let problems: [Problem]

    init(_ problems: [Problem]) { self.problems = problems }

    public var description: String {
        let lines = problems.map { "  \($0.key): \($0.what)" }
        return "The configuration is not valid, nothing was started:\n" + lines.joined(separator: "\n")
    }
}
