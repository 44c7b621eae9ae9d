import SagaChoreography

extension BareOrderEvent {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("order")
            order.write(to: &json)
        }
    }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        var order: OrderFacts?
        try json.object { (key, json) throws(JSONSurprise) in
            if key == "order" { order = try OrderFacts(from: &json) } else { try json.skip() }
        }
        guard let order else { throw JSONSurprise() }
        self.init(order: order)
    }
}

extension RefusedOrderEvent {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("order")
            order.write(to: &json)
            json.key("cause")
            json.string(cause.rawValue)
            json.key("refusal")
            refusal.write(to: &json)
        }
    }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        var order: OrderFacts?
        var cause: Cause?
        var refusal: Refusal?
        try json.object { (key, json) throws(JSONSurprise) in
            if key == "order" {
                order = try OrderFacts(from: &json)
            } else if key == "cause" {
                cause = Cause(rawValue: try json.string())
            } else if key == "refusal" {
                refusal = try Refusal(from: &json)
            } else {
                try json.skip()
            }
        }
        guard let order, let cause, let refusal else { throw JSONSurprise() }
        self.init(order: order, cause: cause, refusal: refusal)
    }
}

extension PaymentReserved: DirectJSON {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("order")
            order.write(to: &json)
            json.key("slotCapacity")
            json.integer(slotCapacity)
        }
    }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        var order: OrderFacts?
        var slotCapacity: Int64?
        try json.object { (key, json) throws(JSONSurprise) in
            if key == "order" {
                order = try OrderFacts(from: &json)
            } else if key == "slotCapacity" {
                slotCapacity = try json.integer()
            } else {
                try json.skip()
            }
        }
        guard let order, let slotCapacity else { throw JSONSurprise() }
        self.init(order: order, slotCapacity: slotCapacity)
    }
}

extension OrderSettled: DirectJSON {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("orderID")
            json.uuid(orderID.uuid)
        }
    }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        var orderID: OrderID?
        try json.object { (key, json) throws(JSONSurprise) in
            if key == "orderID" { orderID = OrderID(try json.uuid()) } else { try json.skip() }
        }
        guard let orderID else { throw JSONSurprise() }
        self.init(orderID: orderID)
    }
}

extension CouponValidated: DirectJSON {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("order")
            order.write(to: &json)
            json.key("userCouponID")
            json.uuid(userCouponID.uuid)
        }
    }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        let read = try HeldCopy(from: &json)
        guard let order = read.order, let copy = read.copy else { throw JSONSurprise() }
        self.init(order: order, userCouponID: copy)
    }
}

extension CouponHeld: DirectJSON {
    public func write(to json: inout JSONWriter) { HeldCopy(order, couponID, userCouponID).write(to: &json) }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        let read = try HeldCopy(from: &json)
        guard let order = read.order, let coupon = read.coupon, let copy = read.copy else { throw JSONSurprise() }
        self.init(order: order, couponID: coupon, userCouponID: copy)
    }
}

extension CouponUsageCancelled: DirectJSON {
    public func write(to json: inout JSONWriter) { HeldCopy(order, couponID, userCouponID).write(to: &json) }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        let read = try HeldCopy(from: &json)
        guard let order = read.order, let coupon = read.coupon, let copy = read.copy else { throw JSONSurprise() }
        self.init(order: order, couponID: coupon, userCouponID: copy)
    }
}

/// An order and the copy of a coupon that it holds, as three events have them.
private struct HeldCopy {
    var order: OrderFacts?
    var coupon: CouponID?
    var copy: UserCouponID?

    init(_ order: OrderFacts, _ coupon: CouponID, _ copy: UserCouponID) {
        (self.order, self.coupon, self.copy) = (order, coupon, copy)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            if let order {
                json.key("order")
                order.write(to: &json)
            }
            if let coupon {
                json.key("couponID")
                json.uuid(coupon.uuid)
            }
            if let copy {
                json.key("userCouponID")
                json.uuid(copy.uuid)
            }
        }
    }

    init(from json: inout JSONReader) throws(JSONSurprise) {
        var (order, coupon, copy): (OrderFacts?, CouponID?, UserCouponID?) = (nil, nil, nil)
        try json.object { (key, json) throws(JSONSurprise) in
            if key == "order" {
                order = try OrderFacts(from: &json)
            } else if key == "couponID" {
                coupon = CouponID(try json.uuid())
            } else if key == "userCouponID" {
                copy = UserCouponID(try json.uuid())
            } else {
                try json.skip()
            }
        }
        (self.order, self.coupon, self.copy) = (order, coupon, copy)
    }
}
