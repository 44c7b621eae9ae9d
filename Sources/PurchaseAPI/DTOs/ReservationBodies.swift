import Items

/// A reserved line of an order as it is answered.
struct ReservationBody: Described {
    static let schema = Schema.object(
        "Reservation",
        [
            .required("id", .id), .required("orderId", .id), .required("userId", .id), .required("itemId", .id),
            .required("quantity", .count), .required("status", .choice(ReservationStatus.self)),
            .required("createdAt", .time), .optional("cancelRequestedAt", .time),
        ])

    let id: String
    let orderId: String
    let userId: String
    let itemId: String
    let quantity: Int64
    let status: String
    let createdAt: String
    /// When a manager asked the saga to cancel it.
    let cancelRequestedAt: String?

    init(_ reservation: Reservation) {
        id = reservation.id.description
        orderId = reservation.orderID.description
        userId = reservation.userID.description
        itemId = reservation.itemID.description
        quantity = reservation.quantity
        status = reservation.status.rawValue
        createdAt = reservation.createdAt.description
        cancelRequestedAt = reservation.cancelRequestedAt?.description
    }
}

/// A page of reservations.
struct ReservationPageBody: Described {
    static let schema = Schema.object(
        "ReservationPage",
        [.required("reservations", .array(of: ReservationBody.schema)), .optional("next", .string)])

    let reservations: [ReservationBody]
    let next: String?
}

/// The answer to GET /items/reservations/stats.
struct ReservationStatisticsBody: Described {
    static let schema = Schema.object(
        "ReservationStatistics",
        [
            .required("total", .count), .required("active", .count), .required("confirmed", .count),
            .required("cancelled", .count), .required("expired", .count),
        ])

    let total: Int64
    let active: Int64
    let confirmed: Int64
    let cancelled: Int64
    let expired: Int64

    init(_ statistics: ReservationStatistics) {
        total = statistics.total
        active = statistics[.reserved]
        confirmed = statistics[.confirmed]
        cancelled = statistics[.cancelled]
        expired = statistics[.expired]
    }
}
