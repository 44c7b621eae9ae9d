import ArgumentParser
import Foundation
import PurchaseApp

/// Makes the tables of docs/command-line.md from the commands themselves, so that they cannot drift.
struct Reference: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print every command and option as Markdown.", shouldDisplay: false)

    func run() throws {
        let help = try JSONDecoder().decode(CommandHelp.Root.self, from: Data(Purchase._dumpHelp().utf8))
        let commands = (help.command.subcommands ?? []).flatMap { $0.withSubcommands(of: help.command.commandName) }
        StandardOutput.write(commands.map(\.markdown).joined(separator: "\n\n"))
    }
}

/// A command as the argument parser describes it.
struct CommandHelp: Decodable {
    struct Root: Decodable { let command: CommandHelp }

    struct Argument: Decodable {
        struct Name: Decodable { let name: String }

        let kind: String
        let names: [Name]?
        let valueName: String?
        let abstract: String?
        let allValues: [String]?
        let defaultValue: String?
        let isOptional: Bool
        let shouldDisplay: Bool
    }

    let commandName: String
    let abstract: String?
    let discussion: String?
    let arguments: [Argument]?
    let subcommands: [CommandHelp]?
    let shouldDisplay: Bool
    /// With the commands that it belongs to.
    private(set) var path = ""

    private enum CodingKeys: String, CodingKey {
        case commandName, abstract, discussion, arguments, subcommands, shouldDisplay
    }

    /// What can be called: the command itself, or what it has below it.
    func withSubcommands(of parent: String) -> [CommandHelp] {
        guard shouldDisplay, commandName != "help" else { return [] }
        var command = self
        command.path = "\(parent) \(commandName)"
        let below = (subcommands ?? []).flatMap { $0.withSubcommands(of: command.path) }
        return below.isEmpty ? [command] : below
    }

    var markdown: String {
        let shown = (arguments ?? []).filter { $0.shouldDisplay && !$0.isForHelp }
        let positional = shown.filter { $0.kind == "positional" }.map { " <\($0.name)>" }.joined()
        var parts = ["### `\(path)\(positional)`", abstract ?? ""]
        if let discussion { parts.append(discussion) }
        if !shown.isEmpty {
            let rows = shown.map { "| `\($0.usage)` | \($0.meaning.replacing("|", with: "\\|")) |" }
            parts.append((["| Option | Meaning |", "|---|---|"] + rows).joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }
}

extension CommandHelp.Argument {
    var name: String { names?.last?.name ?? valueName ?? "" }

    fileprivate var isForHelp: Bool { ["help", "version"].contains(name) }

    fileprivate var usage: String {
        switch kind {
        case "positional": "<\(name)>"
        case "flag": "--\(name)"
        default: "--\(name) <\(valueName ?? name)>"
        }
    }

    fileprivate var meaning: String {
        let needed = isOptional || kind == "flag" ? "" : " Required."
        let usual = defaultValue.map { " Default: \($0)." } ?? ""
        return (abstract ?? "") + needed + usual
    }
}
