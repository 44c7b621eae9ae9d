import Foundation

/// One server-sent event.
struct StreamEvent {
    var id: String?
    var name = "message"
    var data = ""

    /// A text of its data.
    func text(_ name: String) -> String {
        let object = try? JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]
        return object?[name] as? String ?? ""
    }
}

/// Reads server-sent events as they come, in whatever pieces (WHATWG HTML, section 9.2). As much of it as this API sends: lines end with
/// a line feed.
struct StreamParser {
    private var line: [UInt8] = []
    private var event = StreamEvent()
    private var hasData = false

    /// The events that end in these bytes.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [StreamEvent] {
        var events: [StreamEvent] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            if line.isEmpty {
                // An event without data says nothing.
                if hasData { events.append(event) }
                event = StreamEvent()
                hasData = false
            } else {
                read(String(decoding: line, as: UTF8.self))
            }
            line.removeAll(keepingCapacity: true)
        }
        return events
    }

    private mutating func read(_ line: String) {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count > 1 ? parts[1] : ""
        if value.first == " " { value.removeFirst() }
        switch parts[0] {
        case "id": event.id = String(value)
        case "event": event.name = String(value)
        case "data":
            event.data += (hasData ? "\n" : "") + value
            hasData = true
        default: break  // a comment, or a field of later
        }
    }
}
