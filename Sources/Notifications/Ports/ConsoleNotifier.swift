/// Writes each message as one line, for development.
public struct ConsoleNotifier: Notifier {
    public let channel = "console"
    private let text: NotificationText
    private let sink: @Sendable (String) -> Void

    /// - Parameter sink: takes one line without its line break.
    public init(language: NotificationLanguage = .korean, sink: @escaping @Sendable (String) -> Void) {
        text = NotificationText(language)
        self.sink = sink
    }

    public func send(_ message: NotificationMessage) {
        let id = message.id.uuidString.lowercased()
        let about = message.orderID.map { "order \($0)" } ?? message.template.rawValue
        sink("[notification \(id)] \(about): \(text.line(for: message))")
    }
}
