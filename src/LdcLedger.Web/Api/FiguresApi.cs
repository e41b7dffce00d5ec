using LdcLedger.Domain.Rules;
using LdcLedger.Reports.Documents;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <param name="Name">By which it is asked for.</param>
/// <param name="Title">Its parts: model, domain.</param>
/// <param name="Description">What a reader who cannot see it is told.</param>
public sealed record FigureAnswer(string Name, IReadOnlyList<string> Title, string Description);

public sealed record FiguresAnswer(StudyPosition At, string Rule, IReadOnlyList<FigureAnswer> Items);

/// <summary>What is answered of figures.</summary>
internal sealed class FiguresApi(WebParts parts)
{
    public async Task<FiguresAnswer> ListAsync(View view)
    {
        var norms = await ShownNorms.OfAsync(view);
        var figures = await ShownFigures.OfStudyAsync(view, norms, parts.Reports);
        return new(StudyPosition.Of(norms.Study), norms.Rule.Reference, [.. figures.Select(
            figure => new FigureAnswer(ShownFigures.NameOf(figure), figure.Chart.Title, figure.Chart.Description))]);
    }

    public async Task<object> OfStudyAsync(View view) =>
        await DrawnAsync(view, await ShownFigures.OfStudyAsync(view, await ShownNorms.OfAsync(view), parts.Reports));

    public async Task<object> OfRunAsync(View view) =>
        await DrawnAsync(view, RunFigures.Loss(await view.RunAsync()) is { } loss ? [new("loss", loss, null)] : []);

    public async Task<object> OfComparisonAsync(View view)
    {
        view.IsByLayer();   // part of the page's address; no figure is another by it
        return await DrawnAsync(view, (await parts.Comparisons.OfAsync(view, parts.Cursor)).LossCharts());
    }

    private async Task<object> DrawnAsync(View view, IReadOnlyList<ReportFigure> figures)
    {
        var (form, figure) = (FigureForm.Find(view.Part("format")), figures.Named(view.Part("figure")));
        return new RawAnswer(
            await parts.Reports.Work.RunAsync(() => form.Content(figure), view.Cancellation), form.ContentType,
            $"{ShownFigures.NameOf(figure)}.{form.Extension}");
    }
}
