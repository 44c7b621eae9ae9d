import SagaChoreography

extension BareRefundEvent {
    public func write(to json: inout JSONWriter) { RefundMembers(order, refundID).write(to: &json) }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        let read = try RefundMembers(from: &json)
        guard let order = read.order, let refundID = read.refundID else { throw JSONSurprise() }
        self.init(order: order, refundID: refundID)
    }
}

extension RefusedRefundEvent {
    public func write(to json: inout JSONWriter) {
        RefundMembers(order, refundID, refusal: refusal).write(to: &json)
    }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        let read = try RefundMembers(from: &json)
        guard let order = read.order, let refundID = read.refundID, let refusal = read.refusal else {
            throw JSONSurprise()
        }
        self.init(order: order, refundID: refundID, refusal: refusal)
    }
}

extension OrderRefundRequested {
    public func write(to json: inout JSONWriter) {
        RefundMembers(order, refundID, reason: reason, actor: actor).write(to: &json)
    }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        let read = try RefundMembers(from: &json)
        guard let order = read.order, let refundID = read.refundID, let reason = read.reason, let actor = read.actor
        else { throw JSONSurprise() }
        self.init(order: order, refundID: refundID, reason: reason, actor: actor)
    }
}

/// What the events of a refund say, each its part.
private struct RefundMembers {
    var order: OrderFacts?
    var refundID: RefundID?
    var refusal: Refusal?
    var reason: String?
    var actor: UserID?

    init(
        _ order: OrderFacts, _ refundID: RefundID, refusal: Refusal? = nil, reason: String? = nil, actor: UserID? = nil
    ) {
        self.order = order
        self.refundID = refundID
        self.refusal = refusal
        self.reason = reason
        self.actor = actor
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            if let order {
                json.key("order")
                order.write(to: &json)
            }
            if let refundID {
                json.key("refundID")
                json.uuid(refundID.uuid)
            }
            if let refusal {
                json.key("refusal")
                refusal.write(to: &json)
            }
            if let reason {
                json.key("reason")
                json.string(reason)
            }
            if let actor {
                json.key("actor")
                json.uuid(actor.uuid)
            }
        }
    }

    init(from json: inout JSONReader) throws(JSONSurprise) {
        var (order, refundID, refusal): (OrderFacts?, RefundID?, Refusal?) = (nil, nil, nil)
        var (reason, actor): (String?, UserID?) = (nil, nil)
        try json.object { (key, json) throws(JSONSurprise) in
            if key == "order" {
                order = try OrderFacts(from: &json)
            } else if key == "refundID" {
                refundID = RefundID(try json.uuid())
            } else if key == "refusal" {
                refusal = try Refusal(from: &json)
            } else if key == "reason" {
                reason = try json.string()
            } else if key == "actor" {
                actor = UserID(try json.uuid())
            } else {
                try json.skip()
            }
        }
        (self.order, self.refundID, self.refusal, self.reason, self.actor) = (order, refundID, refusal, reason, actor)
    }
}
