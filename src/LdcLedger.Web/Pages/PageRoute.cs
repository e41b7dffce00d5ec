using LdcLedger.Web.Access;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>A page as it is shown: its component, and what that is given.</summary>
public sealed record ShownPage(Type Component, IReadOnlyDictionary<string, object?> Parameters)
{
    /// <param name="parameters">By the names of the component's parameters; <c>View</c> comes by itself.</param>
    public static ShownPage Of<T>(params (string Name, object? Value)[] parameters) where T : IComponent =>
        new(typeof(T), parameters.ToDictionary(p => p.Name, p => p.Value));

    /// <summary>400 where the page says what was wrong with what was sent.</summary>
    public int Status { get; init; } = 200;
}

/// <summary>A row of <see cref="PageTable"/>: all that is said of a page but its looks.</summary>
/// <param name="Pattern">Its address, for instance <c>/studies/{study}</c>.</param>
/// <param name="Query">The parameters that its address may have; any other is refused with the nearest of them.</param>
/// <param name="LoadAsync">Asks the ledger, and says what is shown.</param>
public sealed record PageRoute(string Pattern, IReadOnlyList<string> Query, Func<View, Task<ShownPage>> LoadAsync)
{
    /// <summary>Readers, unless a page says otherwise: one of a single study is for bound readers, too.</summary>
    public RouteAccess Access { get; init; } = RouteAccess.Readers;

    /// <summary>What else it shows than the ledger, as a text that changes with it.</summary>
    public Func<View, string> Beside { get; init; } = _ => "";

    /// <summary>POST where a file is sent to be looked at; nothing that is sent is kept.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>How much may be sent; null: as much as to any route.</summary>
    public BodyLimit? Limit { get; init; }

    /// <summary>
    /// Whether what it shows follows from the ledger, its leases and the address alone (and from <see cref="Beside"/>), so that it stays
    /// the same while these do.
    /// </summary>
    public bool IsOfLedgerAlone { get; init; } = true;
}
