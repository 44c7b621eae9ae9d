import HTTPTypes
import SagaSQL

extension ProblemCode {
    static let deadLetterNotFound: Self = "dead-letters.not-found"
    static let deadLetterNoEvent: Self = "dead-letters.no-event"
    static let deadLetterUnknownConsumer: Self = "dead-letters.unknown-consumer"
    static let deadLetterHasEffect: Self = "dead-letters.has-effect"
    static let deadLetterFaults: Self = "dead-letters.faults"
    static let deadLetterUndecided: Self = "dead-letters.undecided"
    static let deadLetterReadable: Self = "dead-letters.readable"
    static let deadLetterEditUnreadable: Self = "dead-letters.edit-unreadable"
    static let deadLetterEditContradicts: Self = "dead-letters.edit-contradicts"
    static let operationNotFound: Self = "operations.not-found"

    /// What only interventions are answered.
    static let interventions: [ProblemCode] = [
        deadLetterNotFound, deadLetterNoEvent, deadLetterUnknownConsumer, deadLetterHasEffect, deadLetterFaults,
        deadLetterUndecided, deadLetterReadable, deadLetterEditUnreadable, deadLetterEditContradicts,
        operationNotFound,
    ]
}

extension APIError {
    init(_ refusal: DeadLetterRefusal) {
        switch refusal {
        case .notFound: self.init(.notFound, .deadLetterNotFound)
        case .noEvent: self.init(.conflict, .deadLetterNoEvent)
        case .unknownConsumer: self.init(.conflict, .deadLetterUnknownConsumer)
        case .hasEffect: self.init(.conflict, .deadLetterHasEffect)
        case .faults: self.init(.conflict, .deadLetterFaults)
        case .undecided: self.init(.conflict, .deadLetterUndecided)
        case .readable: self.init(.conflict, .deadLetterReadable)
        case .unreadableEdit: self.init(edit: .deadLetterEditUnreadable)
        case .contradiction: self.init(edit: .deadLetterEditContradicts)
        }
    }

    private init(edit code: ProblemCode) {
        self.init(.unprocessableContent, code)
        fields = [FieldProblem(pointer: "/data", code: .invalid)]
    }
}
