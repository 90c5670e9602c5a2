using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Retention;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Access;

/// <summary>Registers the room.</summary>
public static class AccessServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();
        services.AddSingleton<ILookupNormalizer, UpperInvariantLookupNormalizer>();
        services.AddIdentityCore<Account>(PasswordRules.Configure)
            .AddEntityFrameworkStores<DevOpsDbContext>()
            .AddPasswordValidator<PasswordRules>();
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = PasswordRules.Iterations);
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section);
        services.AddDataProtection().SetApplicationName("DevOps");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, DatabaseKeyRing.Use>();
        return services
            .AddSingleton<ActorReader>()
            .AddSingleton<SignInThrottle>()
            .AddSingleton<SignIn>()
            .AddSingleton<SecondFactor>()
            .AddSingleton<SecondStep>()
            .AddSingleton<OwnProof>()
            .AddSingleton<TurnOnTwoFactor>()
            .AddSingleton<TurnOffTwoFactor>()
            .AddSingleton<RenewRecoveryCodes>()
            .AddSingleton<ResetTwoFactor>()
            .AddSingleton<DetachForgeRole>()
            .AddSingleton<TwoFactorDuty>()
            .AddSingleton<RequireTwoFactor>()
            .AddSingleton<SignInByForge>()
            .AddSingleton<LinkForge>()
            .AddSingleton<UnlinkForge>()
            .AddSingleton<ForgeLinkQueries>()
            .AddSingleton<SetupLink>()
            .AddSingleton<CreateFirstAdministrator>()
            .AddSingleton<CreateUser>()
            .AddSingleton<MakePasswordLink>()
            .AddSingleton<UsePasswordLink>()
            .AddSingleton<ChangeUser>()
            .AddSingleton<DeleteUser>()
            .AddSingleton<UserQueries>()
            .AddSingleton<MemberQueries>()
            .AddSingleton<ChangeMember>()
            .AddSingleton<ChangeOwnProfile>()
            .AddSingleton<ChangeOwnPassword>()
            .AddSingleton<SignOutEverywhere>()
            .AddSigningKeys()
            .AddPersonalTokens()
            .AddSessions();
    }

    private static IServiceCollection AddSigningKeys(this IServiceCollection services) => services
        .AddSingleton<SigningKeys>()
        .AddSingleton<RotateSigningKey>()
        .AddSingleton<SigningKeyQueries>()
        .AddSingleton<IHousekeeping, OldSigningKeys>();

    private static IServiceCollection AddPersonalTokens(this IServiceCollection services) => services
        .AddSingleton<CreatePersonalToken>()
        .AddSingleton<RevokePersonalToken>()
        .AddSingleton<PersonalTokenQueries>()
        .AddSingleton<PersonalTokenReader>()
        .AddSingleton<IHousekeeping, OldTokens>();

    private static IServiceCollection AddSessions(this IServiceCollection services) => services
        .AddSingleton<StartSession>()
        .AddSingleton<EndSessions>()
        .AddSingleton<SessionQueries>()
        .AddSingleton<IHousekeeping, OldSessions>()
        .AddSingleton<LastUses>()
        .AddHostedService(provider => provider.GetRequiredService<LastUses>())
        .AddHostedService<AccessRelay>();
}
