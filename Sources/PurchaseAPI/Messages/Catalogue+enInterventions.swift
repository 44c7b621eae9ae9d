extension Catalogue {
    /// The wording of what is refused of dead letters and operations.
    static let interventionsEnglish: [String: Wording] = [
        "dead-letters.not-found": .init(
            "Dead letter not found",
            "There is no such dead letter: it was never there, or is replayed or discarded by now."),
        "dead-letters.no-event": .init(
            "Not an event", "This is no event that could be delivered. Edit it first."),
        "dead-letters.unknown-consumer": .init(
            "Unknown consumer", "Nobody here handles the events of its consumer."),
        "dead-letters.has-effect": .init(
            "Not without effect",
            "Handling it now would change or emit something, so it may not be forgotten. Try it with ?dryRun=true, and replay it."
        ),
        "dead-letters.faults": .init(
            "Cannot be decided",
            "Handling it now faults, so nobody can say that it would change nothing. Mend the cause, then replay it."),
        "dead-letters.undecided": .init(
            "Cannot be decided",
            "It cannot be read, and its order is not settled, so nobody can say what it would change. Edit it, then replay it."
        ),
        "dead-letters.readable": .init(
            "Nothing to edit", "Only what cannot be read may be edited. This can be read as it is: replay it."),
        "dead-letters.edit-unreadable": .init(
            "Still unreadable", "With this data its consumer could not read it either."),
        "dead-letters.edit-contradicts": .init(
            "Contradicts what is known",
            "This data is of another order, or says of the order what is not so. An edit may only say what really happened."
        ),
        "operations.not-found": .init("Operation not found", "There is no such operation."),
    ]
}
