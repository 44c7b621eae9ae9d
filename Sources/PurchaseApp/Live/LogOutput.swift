import Foundation
import Logging

/// Logs on standard error: text for people, or one JSON object a line.
public enum LogOutput {
    /// Sets the process's logging up; once.
    public static func bootstrap(_ configuration: PurchaseConfiguration) {
        let format = configuration.logFormat
        let level = configuration.logLevel
        LoggingSystem.bootstrap { label in LineLogHandler(label: label, format: format, logLevel: level) }
    }
}

/// A line for each event that is logged. Each request has a logger of its own and says nothing for the most part, so what a line needs is
/// put together when there is one.
struct LineLogHandler: LogHandler {
    let label: String
    let format: PurchaseConfiguration.LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        switch format {
        case .text: logText(event)
        case .json: logJSON(event)
        }
    }

    /// For people.
    private func logText(_ event: LogEvent) {
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = logLevel
        handler.metadata = metadata
        handler.log(event: event)
    }

    private struct Line: Encodable {
        let time: String
        let level: String
        let label: String
        let message: String
        let metadata: [String: String]
    }

    /// One JSON object, for log collectors.
    private func logJSON(_ event: LogEvent) {
        let merged = metadata.merging(event.metadata ?? [:]) { _, own in own }
        let line = Line(
            time: SystemClock().now().description, level: event.level.rawValue, label: label,
            message: event.message.description, metadata: merged.mapValues(\.description))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var bytes = try? encoder.encode(line) else { return }  // a dictionary of texts always encodes
        bytes.append(10)
        FileHandle.standardError.write(bytes)
    }
}
