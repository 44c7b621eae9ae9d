import PurchaseContracts

/// Why a command of this service was refused; nothing was changed then.
public enum ItemsRefusal: Error, Sendable, Codable, Hashable {
    case itemNotFound(ItemID)
    /// An item with this id exists already.
    case itemExists(ItemID)
    /// A field is empty, too long or out of bounds (``ItemLimits``).
    case invalid(field: String)
    case categoryNotFound(CategoryID)
    /// A category of that name exists already.
    case categoryExists
    /// There are ``ItemLimits/categories`` already.
    case tooManyCategories
    case reservationNotFound(ReservationID)
    /// Only a reservation that is still `reserved` can be cancelled; every other change is the saga's.
    case reservationConflict(ReservationStatus)

    /// Stable name for clients.
    public var slug: String {
        switch self {
        case .itemNotFound: RefusalCode.itemNotFound.rawValue
        case .itemExists: "items.already-exists"
        case .invalid: "items.invalid"
        case .categoryNotFound: "items.category-not-found"
        case .categoryExists: "items.category-exists"
        case .tooManyCategories: "items.too-many-categories"
        case .reservationNotFound: "items.reservation-not-found"
        case .reservationConflict: "items.reservation-conflict"
        }
    }
}
