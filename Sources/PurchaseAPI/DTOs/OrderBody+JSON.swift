import SagaChoreography

extension OrderBody: WritesJSON {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("cancelRequested", cancelRequested)
            json.member("cause", cause)
            json.member("code", code)
            json.member("couponCode", couponCode)
            json.member("createdAt", createdAt)
            json.member("currency", currency)
            json.member("deadline", deadline)
            json.member("discountAmount", discountAmount)
            json.member("endedAt", endedAt)
            if let failure {
                json.key("failure")
                failure.write(to: &json)
            }
            json.member("finalAmount", finalAmount)
            json.member("id", id)
            json.key("items")
            json.array { json in for item in items { item.write(to: &json) } }
            json.key("links")
            json.object { json in
                json.member("cancel", links.cancel)
                json.member("self", links.`self`)
            }
            json.member("message", message)
            json.member("outcome", outcome)
            if let refund {
                json.key("refund")
                refund.write(to: &json)
            }
            json.member("status", status)
            json.member("totalAmount", totalAmount)
            if let undone {
                json.key("undone")
                json.object { json in
                    json.member("done", Int64(undone.done))
                    json.member("of", Int64(undone.of))
                }
            }
            json.member("updatedAt", updatedAt)
            json.member("userCouponId", userCouponId)
            json.member("userId", userId)
        }
    }
}

extension OrderBody.Item {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("amount", amount)
            json.member("itemId", itemId)
            json.member("name", name)
            json.member("quantity", quantity)
            json.member("unitPrice", unitPrice)
        }
    }
}

extension RefundBody {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("closedAt", closedAt)
            if let failure {
                json.key("failure")
                json.object { json in
                    json.member("code", failure.code)
                    json.member("message", failure.message)
                }
            }
            json.member("id", id)
            json.member("message", message)
            json.member("openedAt", openedAt)
            json.member("orderId", orderId)
            json.member("reason", reason)
            json.member("status", status)
        }
    }
}

extension OrderBody.Failure {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("cause", cause)
            json.member("code", code)
            json.member("message", message)
            json.key("parameters")
            json.object { json in
                for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
                    json.key(name)
                    json.integer(value)
                }
            }
        }
    }
}
