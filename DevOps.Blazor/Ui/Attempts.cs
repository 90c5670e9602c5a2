using DevOps.Blazor.Access;
using DevOps.Core.Refusals;
using Microsoft.Extensions.Localization;
using Radzen;

namespace DevOps.Blazor.Ui;

/// <summary>Runs what a button asks for. A refusal becomes a notice at the edge of the page; anything else is thrown on.</summary>
public sealed class Attempts(NotificationService notices, RefusalWitness witness, IStringLocalizer<ShellText> text, Sentences sentences)
{
    private const double ShownMs = 9000;

    /// <summary>Runs the action.</summary>
    /// <param name="action">A verb.</param>
    /// <param name="done">What is said when it succeeded; nothing without it.</param>
    /// <returns>True when nothing was refused.</returns>
    public async Task<bool> RunAsync(Func<Task> action, string? done = null)
    {
        try
        {
            await action();
        }
        catch (Refusal refusal)
        {
            await witness.SeeAsync(refusal);
            notices.Notify(NotificationSeverity.Error, text[refusal is Forbidden ? "ForbiddenTitle" : "ConflictTitle"], sentences.Say(refusal.Said), ShownMs);
            return false;
        }

        if (done is not null)
        {
            Say(done);
        }

        return true;
    }

    /// <summary>Says that something succeeded.</summary>
    public void Say(string done) => notices.Notify(NotificationSeverity.Success, done, "", ShownMs / 3);
}
