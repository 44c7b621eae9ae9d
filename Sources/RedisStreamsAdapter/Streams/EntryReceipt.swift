import SagaChoreography

/// A receipt's contents: that very entry, and the generation that was read before it was added.
struct EntryReceipt: Equatable {
    let generation: String
    let stream: StreamLayout.Stream
    let id: EntryID

    init(generation: String, stream: StreamLayout.Stream, id: EntryID) {
        self.generation = generation
        self.stream = stream
        self.id = id
    }

    /// - Returns: `nil` if this adapter did not write it.
    init?(_ receipt: Receipt) {
        guard let scope = Scope(receipt.scope) else { return nil }
        self.init(scope, receipt)
    }

    init(_ scope: Scope, _ receipt: Receipt) {
        self.init(
            generation: scope.generation, stream: scope.stream,
            id: EntryID(milliseconds: receipt.numbers.first, sequence: receipt.numbers.second))
    }

    var receipt: Receipt { Scope(generation: generation, stream: stream).receipt(of: id) }

    /// For an event to whose type nobody subscribes: it was not added, and there is nobody whose acknowledgement is missing.
    static let unsubscribed = Receipt("unsubscribed")
}

extension EntryReceipt {
    /// What the receipts of one stream in one generation have in common; made once for many of them.
    struct Scope {
        let generation: String
        let stream: StreamLayout.Stream
        private let text: String

        init(generation: String, stream: StreamLayout.Stream) {
            self.generation = generation
            self.stream = stream
            text = "\(generation) \(stream)"
        }

        init?(_ text: String) {
            let parts = text.split(separator: " ")
            guard parts.count == 2, let stream = StreamLayout.Stream(parts[1]) else { return nil }
            self.init(generation: String(parts[0]), stream: stream)
        }

        func receipt(of id: EntryID) -> Receipt { Receipt(text, .init(id.milliseconds, id.sequence)) }
    }
}
