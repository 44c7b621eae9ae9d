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

    /// Appends names and values to an XADD. Ids are their 16 bytes.
    func writeFields(to command: inout RedisCommand) {
        func add(_ field: Field, _ value: String) {
            command.append(field.rawValue)
            command.append(value)
        }
        func add(_ field: Field, _ value: UUID) {
            command.append(field.rawValue)
            command.append(value)
        }
        add(.id, id)
        add(.version, String(version))
        add(.source, source.name)
        if let subject { add(.subject, subject) }
        add(.time, String(time.milliseconds))
        if let correlationID { add(.correlation, correlationID) }
        if let causationID { add(.causation, causationID) }
        if let traceparent { add(.traceparent, traceparent) }
        command.append(Field.data.rawValue)
        command.append(data)
    }

    /// The event of an entry, by its names and values; `nil` if it is no event.
    static func id(inFields fields: RedisReply) -> UUID? {
        fields.fields[Field.id.rawValue]?.uuid
    }

    /// Reads names and values of an entry; `nil` if it is no event.
    init?(fields: [ReplyView], type: EventType) {
        var id: UUID?
        var (subject, correlation, causation): (UUID?, UUID?, UUID?) = (nil, nil, nil)
        var version: Int?
        var (source, traceparent): (String?, String?) = (nil, nil)
        var time: Int64?
        var data: Data?
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            let value = fields[index + 1]
            switch Field(rawValue: fields[index].text) {
            case .id?: id = value.uuid
            case .version?: version = Int(value.text)
            case .source?: source = value.text
            case .time?: time = Int64(value.text)
            case .traceparent?: traceparent = value.text
            case .data?: data = value.data
            case .subject?:
                subject = value.uuid
                if subject == nil { return nil }
            case .correlation?:
                correlation = value.uuid
                if correlation == nil { return nil }
            case .causation?:
                causation = value.uuid
                if causation == nil { return nil }
            case nil: continue
            }
        }
        guard let id, let version, let source, let time, let data else { return nil }
        self.init(
            id: id, type: type, version: version, source: ServiceID(source), subject: subject,
            time: Timestamp(milliseconds: time), correlationID: correlation, causationID: causation,
            traceparent: traceparent, data: data)
    }
}
