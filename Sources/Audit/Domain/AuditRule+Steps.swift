import FoundationEssentials
import PurchaseContracts
import SagaChoreography

extension AuditRule {
    /// What a step of an order acts upon, and which one of its kind.
    enum Subject: String, Sendable {
        case order, user, wallet, inventory, reservation, stock, payment, coupon

        func id(in order: OrderFacts) -> String {
            switch self {
            case .user, .wallet, .inventory: order.userID.uuid.canonical
            // One of each an order.
            case .order, .reservation, .stock, .payment: order.id.uuid.canonical
            case .coupon:
                switch order.coupon {
                case .owned(let copy): copy.uuid.canonical
                case .code(let code): String(code.prefix(255))
                case nil: order.id.uuid.canonical
                }
            }
        }
    }

    /// A step that was done.
    static func step<E: OrderEvent>(
        _: E.Type, on subject: Subject, _ severity: AuditEntry.Severity
    ) -> AuditRule {
        AuditRule(
            E.self, on: subject.rawValue, severity, id: { subject.id(in: $0.order) },
            actor: { $0.order.actor.uuid }, details: { $0.order.writeAmounts(to: &$1) })
    }

    /// A step that says why an order cannot go on, or shall not.
    static func refusal<E: RefusedOrderEvent>(
        _: E.Type, on subject: Subject, _ severity: AuditEntry.Severity, _ status: AuditEntry.Status
    ) -> AuditRule {
        AuditRule(
            E.self, on: subject.rawValue, severity, status, id: { subject.id(in: $0.order) },
            actor: { $0.order.actor.uuid },
            details: { event, json in
                event.order.writeAmounts(to: &json)
                json.key("cause" as StaticString)
                json.string(event.cause.rawValue)
                json.key("code" as StaticString)
                json.string(event.refusal.code.rawValue)
                for (name, number) in event.refusal.parameters.sorted(by: { $0.key < $1.key }) {
                    json.key(name)
                    json.integer(number)
                }
            })
    }

    /// Something that has no more to say than what it is about.
    static func note<E: Event>(
        _: E.Type, on resource: String, _ severity: AuditEntry.Severity, id: @escaping @Sendable (E) -> UUID
    ) -> AuditRule {
        AuditRule(E.self, on: resource, severity, id: { id($0).canonical }, details: { _, _ in })
    }
}

extension OrderFacts {
    /// What every step of the order is about; the rest is in the entry of order.created.
    func writeAmounts(to json: inout JSONWriter) {
        json.key("final" as StaticString)
        json.integer(final.minorUnits)
        json.key("currency" as StaticString)
        json.string(currency.code)
    }

    /// What was ordered.
    func writeDemand(to json: inout JSONWriter) {
        json.member("user", userID)
        json.key("total" as StaticString)
        json.integer(total.minorUnits)
        json.key("discount" as StaticString)
        json.integer(discount.minorUnits)
        writeAmounts(to: &json)
        json.key("lines" as StaticString)
        json.array { array in
            for line in lines {
                array.object { json in
                    json.member("item", line.itemID)
                    json.key("name" as StaticString)
                    json.string(line.name)
                    json.key("unitPrice" as StaticString)
                    json.integer(line.unitPrice.minorUnits)
                    json.key("quantity" as StaticString)
                    json.integer(line.quantity)
                }
            }
        }
    }
}

extension CatalogEntry {
    func write(to json: inout JSONWriter) {
        json.key("name" as StaticString)
        json.string(name)
        json.key("price" as StaticString)
        json.integer(price.minorUnits)
        json.key("onSale" as StaticString)
        json.flag(isOnSale)
        json.key("revision" as StaticString)
        json.integer(revision)
    }
}

extension JSONWriter {
    /// A member whose value is an id.
    mutating func member(_ name: StaticString, _ id: some EntityID) {
        key(name)
        string(id.uuid.canonical)
    }

    /// A value that is true or false.
    mutating func flag(_ value: Bool) { written(Array((value ? "true" : "false").utf8)) }
}
