import FoundationEssentials

/// What differs between published contracts and those of a program; and what of it would break whoever relies on them.
public struct ContractComparison: Sendable {
    private let published: ContractBook
    private let program: ContractBook
    private let reads: @Sendable (ContractBook.Version) -> String?

    /// - Parameters:
    ///   - published: what others rely on.
    ///   - program: the present versions of a program.
    ///   - reads: why the program cannot read data of an older version; `nil`: it can.
    public init(
        of published: ContractBook, with program: ContractBook,
        reads: @escaping @Sendable (ContractBook.Version) -> String?
    ) {
        self.published = published
        self.program = program
        self.reads = reads
    }

    /// With a program: whether it reads an older version is tried with an example of that version's published schema.
    public init(of published: ContractBook, with events: [ProgramEvent]) {
        let byType = Dictionary(events.map { ($0.contract.type, $0) }, uniquingKeysWith: { first, _ in first })
        self.init(of: published, with: ContractBook(events.map(\.contract))) { version in
            guard let event = byType[version.type], let schema = published.schemas[version] else { return "it is gone" }
            do {
                try event.read(event.example.replacingData(schema.exampleData(), version: version.number))
                return nil
            } catch {
                return SagaFault(error).summary
            }
        }
    }

    /// Every difference; sorted by text, those that break something first.
    public var findings: [ContractFinding] {
        let types = Set(published.types + program.types)
        return types.flatMap { findings(about: $0) }.sorted {
            $0.isBreaking == $1.isBreaking ? $0.description < $1.description : $0.isBreaking
        }
    }

    /// What is to be published: everything that was, and what is new.
    ///
    /// - Throws: ``BrokenContracts`` if that would break whoever relies on what was published.
    public func merged() throws(BrokenContracts) -> ContractBook {
        let breaks = findings.filter(\.isBreaking)
        guard breaks.isEmpty else { throw BrokenContracts(findings: breaks) }
        var book = published
        book.schemas.merge(program.schemas) { _, new in new }
        book.contracts = program.contracts
        return book
    }

    private func findings(about type: EventType) -> [ContractFinding] {
        guard let new = program.contracts[type] else { return [.eventRemoved(type)] }
        let versions = published.versions(of: type)
        guard let newest = versions.last else { return [.eventAdded(type)] }
        guard newest.number <= new.version else {
            return [.versionLowered(type, published: newest.number, program: new.version)]
        }
        var findings = versions.filter { $0.number < new.version }.compactMap { old in
            reads(old).map { ContractFinding.upcasterMissing(type, from: old.number, to: new.version, why: $0) }
        }
        let version = ContractBook.Version(type, new.version)
        if let old = published.schemas[version] {
            findings += SchemaComparison(version: version).findings(from: old, to: new.schema, at: "")
        } else {
            findings.append(.versionAdded(version))
        }
        if let old = published.contracts[type] { findings += relations(of: type, from: old, to: new) }
        return findings
    }

    private func relations(of type: EventType, from old: EventContract, to new: EventContract) -> [ContractFinding] {
        var findings = old.emitters.filter { !new.emitters.contains($0) }.map {
            ContractFinding.emitterRemoved(type, $0)
        }
        for consumer in old.consumers {
            let now = new.consumers.first { $0.service == consumer.service && $0.reaction == consumer.reaction }
            guard let now else {
                findings.append(.consumerRemoved(type, consumer))
                continue
            }
            for answer in consumer.answers where !now.answers.contains(answer) {
                findings.append(.answerRemoved(type, consumer, answer: answer))
            }
            for step in consumer.undoes where !now.undoes.contains(step) {
                findings.append(.compensationRemoved(type, consumer, step: step))
            }
        }
        let isSame =
            old.emitters == new.emitters && old.consumers == new.consumers && old.isTerminal == new.isTerminal
        if findings.isEmpty, !isSame { findings.append(.relationsGrown(type)) }
        return findings
    }
}

/// A program that does not keep what was published.
public struct BrokenContracts: Error, CustomStringConvertible {
    /// What it breaks.
    public let findings: [ContractFinding]
    /// One finding a line.
    public var description: String { findings.map(\.description).joined(separator: "\n") }
}

extension Envelope {
    fileprivate func replacingData(_ data: Data, version: Int) -> Envelope {
        Envelope(
            id: id, type: type, version: version, source: source, subject: subject, time: time,
            correlationID: correlationID, causationID: causationID, traceparent: traceparent, data: data)
    }
}
