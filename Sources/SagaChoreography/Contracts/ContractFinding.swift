/// A difference between the contracts that were published and those that a program has.
public enum ContractFinding: Sendable, Hashable {
    /// A published field of a version, by its path, such as `order.lines[].name`.
    public struct Place: Sendable, Hashable, CustomStringConvertible {
        /// The event and the version of its data.
        public let version: ContractBook.Version
        /// Empty for the data itself.
        public let path: String

        /// Takes what its properties say.
        public init(version: ContractBook.Version, path: String) {
            self.version = version
            self.path = path
        }

        public var description: String {
            "\(version.type) v\(version.number)" + (path.isEmpty ? "" : ": field '\(path)'")
        }
    }

    case eventRemoved(EventType)
    case versionLowered(EventType, published: Int, program: Int)
    case upcasterMissing(EventType, from: Int, to: Int, why: String)
    case fieldRemoved(Place, wasRequired: Bool)
    /// A new field without which older data cannot be read.
    case requiredFieldAdded(Place)
    case fieldNowRequired(Place)
    /// Readers count on it.
    case fieldNoLongerRequired(Place)
    case typeChanged(Place, from: String, to: String)
    case narrowed(Place, what: String, from: String, to: String)
    /// What readers of the version never met before.
    case widened(Place, what: String, from: String, to: String)
    /// A number means something else.
    case unitChanged(Place, from: String, to: String)
    case emitterRemoved(EventType, EventContract.Emitter)
    case consumerRemoved(EventType, EventContract.Consumer)
    case answerRemoved(EventType, EventContract.Consumer, answer: String)
    case compensationRemoved(EventType, EventContract.Consumer, step: String)

    case eventAdded(EventType)
    case versionAdded(ContractBook.Version)
    case fieldAdded(Place)
    /// Lists of names may grow: readers take what they do not know as such (decision 32).
    case knownAdded(Place, from: String, to: String)
    case relationsGrown(EventType)
    /// What only people read is worded otherwise.
    case reworded(Place)

    /// Whether somebody who relies on what was published would fail.
    public var isBreaking: Bool {
        switch self {
        case .eventAdded, .versionAdded, .fieldAdded, .knownAdded, .relationsGrown, .reworded: false
        default: true
        }
    }
}

extension ContractFinding: CustomStringConvertible {
    public var description: String { "\(what). \(toDo)" }

    private var what: String {
        switch self {
        case .eventRemoved(let type): "\(type): the event was removed"
        case .versionLowered(let type, let published, let program):
            "\(type): v\(published) was published, the program has v\(program)"
        case .upcasterMissing(let type, let old, let new, let why):
            "\(type): no upcaster from v\(old) to v\(new) (\(why))"
        case .fieldRemoved(let place, let wasRequired):
            "\(place) was removed, and is \(wasRequired ? "required" : "optional")"
        case .requiredFieldAdded(let place): "\(place) is new and required, but older data has none"
        case .fieldNowRequired(let place): "\(place) was optional and is required now"
        case .fieldNoLongerRequired(let place): "\(place) was always there and is optional now"
        case .typeChanged(let place, let old, let new): "\(place) changed its type from \(old) to \(new)"
        case .narrowed(let place, let what, let old, let new):
            "\(place) takes less: \(what) was \(old), is \(new)"
        case .emitterRemoved(let type, let emitter): "\(type): \(emitter.by) of \(emitter.service) no longer emits it"
        case .consumerRemoved(let type, let consumer):
            "\(type): \(consumer.service) no longer reacts to it (\(consumer.reaction)"
                + (consumer.undoes.isEmpty ? ")" : ", which undoes \(consumer.undoes.joined(separator: ", ")))")
        case .answerRemoved(let type, let consumer, let answer):
            "\(type): \(consumer.reaction) of \(consumer.service) no longer answers with \(answer)"
        case .compensationRemoved(let type, let consumer, let step):
            "\(type): \(consumer.reaction) of \(consumer.service) no longer undoes \(step)"
        case .eventAdded(let type): "\(type): the event is new"
        case .versionAdded(let version): "\(version.type): v\(version.number) is new"
        case .fieldAdded(let place): "\(place) is new and optional"
        case .widened(let place, let what, let old, let new):
            "\(place) takes more than its readers do: \(what) was \(old), is \(new)"
        case .unitChanged(let place, let old, let new): "\(place) was in \(old), is in \(new)"
        case .knownAdded(let place, let old, let new): "\(place) knows more: \(old) before, \(new) now"
        case .relationsGrown(let type): "\(type): more emit it or react to it"
        case .reworded(let place): "\(place) is described otherwise"
        }
    }

    private var toDo: String {
        switch self {
        case .upcasterMissing(_, let old, let new, _):
            "Let its 'upcast(_:from:)' read v\(old): stored events and older processes still have it, v\(new) is all the program knows."
        case .eventRemoved, .emitterRemoved, .consumerRemoved, .answerRemoved, .compensationRemoved:
            "Put it back; if it is meant to go, take it out of the published contracts by hand, and say in the change why nobody needs it."
        case .versionLowered: "Raise the version again; a published one is never taken back."
        case .fieldRemoved, .requiredFieldAdded, .fieldNowRequired, .fieldNoLongerRequired, .typeChanged, .narrowed,
            .widened, .unitChanged:
            "A published version does not change: put it back, or raise the event's version and add an upcaster from this one."
        case .eventAdded, .versionAdded, .fieldAdded, .knownAdded, .relationsGrown, .reworded:
            "Publish it."
        }
    }
}
