extension Catalogue {
    static let english: [String: Wording] = [
        // The request
        "request.malformed-json": .init("Malformed JSON", "The body cannot be read as JSON (at byte {offset})."),
        "request.malformed-id": .init("Malformed id", "The id in the path is not a UUID."),
        "request.malformed-cursor": .init("Malformed cursor", "This cursor does not come from this list."),
        "request.malformed-idempotency-key": .init(
            "Malformed idempotency key", "Idempotency-Key must be 1 to 255 visible ASCII characters."),
        "request.invalid": .init("Invalid values", "The request has values that are not valid."),
        "request.too-large": .init("Body too large", "The body must not exceed 64 KiB."),
        "request.not-json": .init("Unsupported format", "The body must be application/json in UTF-8."),
        "request.unknown-path": .init("Not found", "There is nothing at this path."),
        "request.wrong-method": .init("Method not allowed", "This path does not support that method."),

        // Fields
        "field.required": .init("Required", "A value is required."),
        "field.unknown": .init("Unknown", "There is no such field here."),
        "field.bool": .init("Boolean", "Must be true or false."),
        "field.decimals": .init("Number", "Must be a number with at most two decimals, without exponent."),
        "field.time": .init("Time", "Must be a time such as 2026-01-31T09:00:00Z."),
        "field.choice": .init("Choice", "Must be one of the values that the API description lists."),
        "field.secret-length": .init("Length", "Must have {minimum} to {maximum} characters."),
        "field.object": .init("Object", "Must be a JSON object."),
        "field.array": .init("Array", "Must be an array."),
        "field.string": .init("String", "Must be a string."),
        "field.integer": .init("Integer", "Must be an integer, without fraction or exponent."),
        "field.id": .init("Id", "Must be a UUID."),
        "field.range": .init("Range", "Must be from {minimum} to {maximum}."),
        "field.length": .init("Length", "Must not exceed {maximum} characters."),
        "field.count": .init("Count", "Must have {minimum} to {maximum} elements."),
        "field.blank": .init("Blank", "Must not be blank."),
        "field.control-characters": .init("Control characters", "Must not contain control characters."),
        "field.conflict": .init("Conflict", "Cannot be used together with another field."),
        "field.invalid": .init("Invalid", "This value is not allowed."),

        // Access
        "access.token-missing": .init("Authentication required", "A token is required."),
        "access.token-refused": .init("Invalid token", "The token is not valid or has expired."),
        "access.forbidden": .init("Forbidden", "You may not do this."),

        // Orders
        "orders.not-found": .init("Order not found", "There is no such order."),
        "orders.idempotency-mismatch": .init(
            "Idempotency key mismatch", "This Idempotency-Key was already used with another body."),
        "orders.amount-too-large": .init("Amount too large", "The amount of the order is too large."),
        "orders.too-many-under-way": .init(
            "Too many orders under way",
            "So many orders are being worked on that no new one is taken. Nothing was ordered; try again after as long as Retry-After says."
        ),
        "orders.invalid-lines": .init("Invalid lines", "The number of lines or a quantity is out of range."),
        "orders.too-late-to-cancel": .init(
            "Too late to cancel", "The order is paid or over and can no longer be cancelled."),
        "orders.cancelled": .init("Order cancelled", "The order was cancelled."),
        "orders.deadline-passed": .init("Deadline passed", "The order could not be completed in time."),

        // Users
        "users.not-found": .init("User not found", "There is no such user."),
        "users.inactive": .init("User inactive", "The user is inactive."),
        "users.insufficient-balance": .init(
            "Insufficient balance", "The balance is insufficient (requested: {requested}, available: {available})."),

        // Inventory
        "inventory.slots-full": .init("Inventory full", "Not enough inventory slots (needed: {needed}, free: {free})."),
        "inventory.quantity-overflow": .init("Too many", "That many of one item cannot be owned."),

        // Refunds
        "orders.not-completed": .init("Not completed", "Only a completed order can be refunded."),
        "orders.refund-open": .init("Refund under way", "A refund of this order is under way already."),
        "inventory.goods-gone": .init("Goods gone", "The user no longer has the goods."),

        // Items
        "items.not-found": .init("Item not found", "There is no such item."),
        "items.off-sale": .init("Off sale", "The item is not for sale."),
        "items.insufficient-stock": .init(
            "Insufficient stock", "Not enough in stock (requested: {requested}, available: {available})."),
        "items.reservation-cancelled": .init("Reservation cancelled", "A manager cancelled the reservation."),
        "items.not-yet-orderable": .init(
            "Not yet orderable", "The item is stored but cannot be ordered yet. Please try again shortly."),
        "items.conflict": .init("Conflict", "The change is not possible in the present state."),

        // Payments
        "payments.not-found": .init("Payment not found", "There is no payment of this order."),
        "payments.event-early": .init(
            "Too early", "This payment was not begun yet. Please send the event again."),
        "payments.event-id-reused": .init("Id used", "Another event came under this id."),
        "payments.declined": .init("Payment declined", "The payment was declined."),
        "payments.refund-refused": .init("Refund refused", "The payment gateway refused to give the money back."),

        // Coupons
        "coupons.not-found": .init("Coupon not found", "There is no such coupon."),
        "coupons.inactive": .init("Coupon inactive", "The coupon cannot be used."),
        "coupons.not-yet-valid": .init("Coupon not yet valid", "The coupon cannot be used yet."),
        "coupons.expired": .init("Coupon expired", "The coupon has expired."),
        "coupons.out-of-stock": .init("Coupon out of stock", "No coupons are left."),
        "coupons.already-used": .init("Coupon already used", "The coupon was already used."),
        "coupons.already-held": .init("Coupon in use", "The coupon is in use by another order."),
        "coupons.min-order-amount": .init("Below the minimum", "The order is below the coupon's minimum amount."),
        "coupons.no-applicable-items": .init("Not applicable", "The coupon applies to none of the items."),
        "coupons.no-discount": .init("No discount", "The coupon gives no discount on this order."),
        "coupons.already-claimed": .init("Coupon already claimed", "The coupon was already claimed."),
        "coupons.already-issued": .init(
            "Coupon already issued", "Users have this coupon: what it takes off can no longer be changed."),
        "coupons.below-issued": .init(
            "Quantity too small", "The quantity cannot be below the copies already issued ({issued})."),
        "coupons.key-reused": .init("Idempotency-Key used", "This Idempotency-Key was used for another coupon."),
        "coupons.code-taken": .init("Code taken", "Another coupon has this code."),
        "coupons.issue-job-not-found": .init("Job not found", "There is no such issue of this coupon."),

        // The service
        "service.overloaded": .init(
            "Too busy", "More is asked than can be answered in time. Please wait as long as Retry-After says."),
        "request.too-many": .init(
            "Too many requests", "You ask more often than is allowed. Please wait as long as Retry-After says."),
        "service.unavailable": .init("Temporarily unavailable", "This cannot be done now. Please try again shortly."),
        "service.internal": .init("Internal error", "An unexpected error occurred."),

        // Success
        "done.test-data": .init("Test data", "The test data is ready."),
        "done.stock-set": .init("Stock set", "The stock is now {stock}."),
        "done.order-cancelled": .init("Order cancelled", "The order was cancelled."),
        "done.refund-opened": .init("Refund opened", "The refund is under way. Its outcome shows on the order."),
        "done.cancel-asked": .init("Cancel requested", "The cancel was requested. Its outcome shows on the order."),
    ]
}
