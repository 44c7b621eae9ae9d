import SagaChoreography

extension OrderFacts: DirectJSON {
    public func write(to json: inout JSONWriter) { json.written(written { writeMembers(to: &$0) }) }

    private func writeMembers(to json: inout JSONWriter) {
        json.object { json in
            json.key("id")
            json.uuid(id.uuid)
            json.key("userID")
            json.uuid(userID.uuid)
            json.key("lines")
            json.array { json in for line in lines { line.write(to: &json) } }
            json.key("total")
            json.integer(total.minorUnits)
            json.key("discount")
            json.integer(discount.minorUnits)
            json.key("final")
            json.integer(final.minorUnits)
            json.key("currency")
            json.string(currency.code)
            if let coupon {
                json.key("coupon")
                coupon.write(to: &json)
            }
            json.key("orderedAt")
            json.integer(orderedAt.milliseconds)
            json.key("deadline")
            json.integer(deadline.milliseconds)
            json.key("actor")
            json.uuid(actor.uuid)
        }
    }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        var draft = Draft()
        try json.object { (key, json) throws(JSONSurprise) in try draft.take(key, &json) }
        self = try draft.facts()
    }

    /// What was read so far.
    private struct Draft {
        var id: OrderID?
        var userID: UserID?
        var lines: [OrderLine]?
        var total: Int64?
        var discount: Int64?
        var final: Int64?
        var currency: Currency?
        var coupon: CouponChoice?
        var orderedAt: Int64?
        var deadline: Int64?
        var actor: UserID?

        mutating func take(_ key: JSONReader.Key, _ json: inout JSONReader) throws(JSONSurprise) {
            if key == "id" {
                id = OrderID(try json.uuid())
            } else if key == "userID" {
                userID = UserID(try json.uuid())
            } else if key == "lines" {
                var read: [OrderLine] = []
                try json.array { (json) throws(JSONSurprise) in read.append(try OrderLine(from: &json)) }
                lines = read
            } else if key == "total" {
                total = try json.integer()
            } else if key == "discount" {
                discount = try json.integer()
            } else if key == "final" {
                final = try json.integer()
            } else if key == "currency" {
                currency = Currency(try json.string())
            } else if key == "coupon" {
                coupon = json.null() ? nil : try CouponChoice(from: &json)
            } else if key == "orderedAt" {
                orderedAt = try json.integer()
            } else if key == "deadline" {
                deadline = try json.integer()
            } else if key == "actor" {
                actor = UserID(try json.uuid())
            } else {
                try json.skip()
            }
        }

        func facts() throws(JSONSurprise) -> OrderFacts {
            guard let id, let userID, let lines, let total, let discount, let final, let currency, let orderedAt,
                let deadline, let actor
            else { throw JSONSurprise() }
            return OrderFacts(
                id: id, userID: userID, lines: lines, total: Money(total), discount: Money(discount),
                final: Money(final), currency: currency, coupon: coupon,
                orderedAt: Timestamp(milliseconds: orderedAt), deadline: Timestamp(milliseconds: deadline),
                actor: actor)
        }
    }
}

extension OrderLine: DirectJSON {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("itemID")
            json.uuid(itemID.uuid)
            json.key("name")
            json.string(name)
            if let categoryID {
                json.key("categoryID")
                json.uuid(categoryID.uuid)
            }
            json.key("unitPrice")
            json.integer(unitPrice.minorUnits)
            json.key("quantity")
            json.integer(quantity)
        }
    }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        var itemID: ItemID?
        var name: String?
        var categoryID: CategoryID?
        var unitPrice: Int64?
        var quantity: Int64?
        try json.object { (key, json) throws(JSONSurprise) in
            if key == "itemID" {
                itemID = ItemID(try json.uuid())
            } else if key == "name" {
                name = try json.string()
            } else if key == "categoryID" {
                categoryID = json.null() ? nil : CategoryID(try json.uuid())
            } else if key == "unitPrice" {
                unitPrice = try json.integer()
            } else if key == "quantity" {
                quantity = try json.integer()
            } else {
                try json.skip()
            }
        }
        guard let itemID, let name, let unitPrice, let quantity else { throw JSONSurprise() }
        self.init(
            itemID: itemID, name: name, categoryID: categoryID, unitPrice: Money(unitPrice), quantity: quantity)
    }
}

extension CouponChoice: DirectJSON {
    // The shape that the compiler's Codable gives an enumeration with values: {"owned":{"_0":…}}.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            switch self {
            case .owned(let id):
                json.key("owned")
                json.object { json in
                    json.key("_0")
                    json.uuid(id.uuid)
                }
            case .code(let code):
                json.key("code")
                json.object { json in
                    json.key("_0")
                    json.string(code)
                }
            }
        }
    }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        var choice: CouponChoice?
        try json.object { (kind, json) throws(JSONSurprise) in
            guard choice == nil else { throw JSONSurprise() }
            try json.object { (key, json) throws(JSONSurprise) in
                guard key == "_0" else { throw JSONSurprise() }
                if kind == "owned" {
                    choice = .owned(UserCouponID(try json.uuid()))
                } else if kind == "code" {
                    choice = .code(try json.string())
                } else {
                    throw JSONSurprise()
                }
            }
        }
        guard let choice else { throw JSONSurprise() }
        self = choice
    }
}

extension Refusal: DirectJSON {
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.key("code")
            json.string(code.rawValue)
            json.key("parameters")
            json.object { json in
                for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
                    json.key(name)
                    json.integer(value)
                }
            }
        }
    }

    public init(from json: inout JSONReader) throws(JSONSurprise) {
        var code: RefusalCode?
        var parameters: [String: Int64]?
        try json.object { (key, json) throws(JSONSurprise) in
            if key == "code" {
                code = RefusalCode(rawValue: try json.string())
            } else if key == "parameters" {
                var read: [String: Int64] = [:]
                try json.object { (name, json) throws(JSONSurprise) in
                    guard let name = name.text else { throw JSONSurprise() }
                    read[name] = try json.integer()
                }
                parameters = read
            } else {
                try json.skip()
            }
        }
        guard let code, let parameters else { throw JSONSurprise() }
        self.init(code, parameters)
    }
}
