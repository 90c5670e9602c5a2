using DevOps.Blazor.Ui;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Deployments;
using Microsoft.Extensions.Localization;
using Radzen;

namespace DevOps.Blazor.Deployments;

/// <summary>Asks who may pass over a freeze whether a deployment that it stopped shall run all the same.</summary>
public sealed class FreezeQuestion(DialogService dialogs, Sentences sentences, IStringLocalizer<DeploymentsText> text)
{
    /// <summary>Runs a verb, and once more in spite of the freeze when that is the answer.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="place">Project and environment, for the question.</param>
    /// <param name="verb">The verb; told whether to pass over a freeze.</param>
    /// <exception cref="Conflict"><c>frozen</c>, when the actor may not pass over it or does not want to; and what else the verb refuses.</exception>
    public async Task<DeploymentTicket> RunAsync(Actor actor, string place, Func<bool, Task<DeploymentTicket>> verb)
    {
        try
        {
            return await verb(false);
        }
        catch (Conflict frozen) when (frozen.Reason is "frozen" && actor.May(Permission.FreezeOverride))
        {
            if (!await dialogs.ConfirmAsync(new Confirmation(text["OverrideTitle", place], sentences.Say(frozen.Said) ?? "", text["OverrideConfirm"])))
            {
                throw;
            }
        }

        return await verb(true);
    }
}
