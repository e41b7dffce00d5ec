using LdcLedger.Reports.Documents;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>A figure as the report has it. Nothing else on a page is mark-up that was made elsewhere.</summary>
public sealed partial class Figure
{
    /// <summary>Unlike that of every other figure on the page.</summary>
    [Parameter, EditorRequired]
    public required string Id { get; set; }

    [Parameter, EditorRequired]
    public required Chart Chart { get; set; }

    /// <summary>The address of its files, without their extension; null: it has none.</summary>
    [Parameter]
    public string? Files { get; set; }

    /// <summary>What that address is asked, with its question mark.</summary>
    [Parameter]
    public string? Query { get; set; }

    private MarkupString Svg => new(DrawnFigures.Svg(Id, Chart));
}
