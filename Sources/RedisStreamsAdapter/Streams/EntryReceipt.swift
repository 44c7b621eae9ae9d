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

    /// - Returns: `nil` if this adapter did not write the text.
    init?(_ receipt: Receipt) {
        let parts = receipt.text.split(separator: " ")
        guard parts.count == 3, let stream = StreamLayout.Stream(parts[1]), let id = EntryID(parts[2]) else {
            return nil
        }
        self.init(generation: String(parts[0]), stream: stream, id: id)
    }

    var receipt: Receipt { Receipt("\(generation) \(stream) \(id)") }

    /// For an event to whose type nobody subscribes: it was not added, and there is nobody whose acknowledgement is missing.
    static let unsubscribed = Receipt("unsubscribed")
}
