import ArgumentParser
import PurchaseApp

struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the configuration in force and where each value comes from; secrets are masked.")

    @OptionGroup var options: ConfigurationOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        let entries = try await options.load().report
        if json {
            try printJSON(entries)
            return
        }
        let width = entries.map(\.key.count).max() ?? 0
        let valueWidth = entries.map(\.value.count).max() ?? 0
        for entry in entries {
            let key = entry.key.padding(toLength: width, withPad: " ", startingAt: 0)
            let value = entry.value.padding(toLength: valueWidth, withPad: " ", startingAt: 0)
            StandardOutput.write("\(key)  \(value)  (\(entry.source))")
        }
    }
}
