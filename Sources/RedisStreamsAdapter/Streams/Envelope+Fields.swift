import Foundation
import SagaChoreography

/// An envelope as the fields of an entry. Its type is in the stream's name, its data goes as it is. Unknown fields are ignored;
/// an entry that lacks a required one is unreadable.
extension Envelope {
    private enum Field: String {
        case id
        case version = "v"
        case source = "src"
        case subject = "sub"
        case time = "at"
        case correlation = "cor"
        case causation = "cau"
        case traceparent = "tp"
        case data
    }

    /// Appends names and values to an XADD.
    func writeFields(to command: inout RedisCommand) {
        func add(_ field: Field, _ value: String) {
            command.append(field.rawValue)
            command.append(value)
        }
        add(.id, id.uuidString)
        add(.version, String(version))
        add(.source, source.name)
        if let subject { add(.subject, subject.uuidString) }
        add(.time, String(time.milliseconds))
        if let correlationID { add(.correlation, correlationID.uuidString) }
        if let causationID { add(.causation, causationID.uuidString) }
        if let traceparent { add(.traceparent, traceparent) }
        command.append(Field.data.rawValue)
        command.append(data)
    }

    /// Reads names and values of an entry; `nil` if it is no event.
    init?(fields: [ReplyView], type: EventType) {
        var texts: [Field: String] = [:]
        var data: Data?
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            switch Field(rawValue: fields[index].text) {
            case .data?: data = fields[index + 1].data
            case let field?: texts[field] = fields[index + 1].text
            case nil: continue
            }
        }
        guard let data, let id = texts[.id].flatMap(UUID.init(uuidString:)),
            let version = texts[.version].flatMap(Int.init), let source = texts[.source],
            let time = texts[.time].flatMap(Int64.init)
        else { return nil }
        var ids: [Field: UUID] = [:]
        for field in [Field.subject, .correlation, .causation] {
            guard let text = texts[field] else { continue }
            guard let id = UUID(uuidString: text) else { return nil }
            ids[field] = id
        }
        self.init(
            id: id, type: type, version: version, source: ServiceID(source), subject: ids[.subject],
            time: Timestamp(milliseconds: time), correlationID: ids[.correlation], causationID: ids[.causation],
            traceparent: texts[.traceparent], data: data)
    }
}
