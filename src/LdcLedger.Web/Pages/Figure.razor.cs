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

    private MarkupString Svg => new(DrawnFigures.Svg(Id, Chart));
}
