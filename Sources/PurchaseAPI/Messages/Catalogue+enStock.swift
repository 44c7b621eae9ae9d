extension Catalogue {
    /// The wording of categories and reservations.
    static let stockEnglish: [String: Wording] = [
        "field.unknown-category": .init(
            "Category", "There is no such category."),
        "items.category-exists": .init(
            "Category exists", "There is a category of this name already."),
        "items.category-not-found": .init(
            "Category not found", "There is no such category."),
        "items.reservation-conflict": .init(
            "Not possible any more",
            "Only a reservation that is still reserved can be cancelled; everything else is decided by its order."),
        "items.reservation-not-found": .init(
            "Reservation not found", "There is no such reservation."),
        "items.too-many-categories": .init(
            "Too many categories", "There are as many categories as there may be."),
    ]
}
