"""Why each requirement matters: what a user or an attacker meets where it is broken. One sentence for each id."""

INTENTS: dict[str, str] = {
    # Local application
    "APP-01": "Otherwise whoever opens the address reads the pages of a customer without logging in.",
    "APP-02": (
        "A guest must be able to buy without an account, and a page that asks for nothing must not log anybody in."
    ),
    "APP-03": (
        "A session that has ended but is still honoured lets the next person at the same browser go on as the last one."
    ),
    "APP-04": "A visitor without a session should meet the login page, not an error, an empty page or a loop.",
    "APP-05": (
        "Without a value that belongs to this browser the application cannot tell its own login from one that an "
        "attacker started."
    ),
    "APP-06": (
        "Otherwise an attacker sends a victim a link with the attacker's own answer, and the victim unknowingly "
        "works, and stores data, in the attacker's account."
    ),
    "APP-07": "An address that stays in the history, in a log or in a referrer must not log anybody in a second time.",
    "APP-08": (
        "A token that was forged, expired or made for another application would otherwise open a session for any user "
        "an attacker names."
    ),
    "APP-09": (
        "A login that succeeds but leaves nobody, or somebody else, logged in is the fault that users notice first."
    ),
    "APP-10": (
        "Otherwise an attacker who planted a session identifier before the login shares the session after it (session "
        "fixation)."
    ),
    "APP-11": "A login that was refused or cancelled must not end with somebody logged in.",
    "APP-12": (
        "Somebody who logs out at a shared computer expects that the next person cannot go on with their account."
    ),
    "APP-13": (
        "A cookie copied before the logout, by malware or from a backup, would otherwise stay a key to the account."
    ),
    "APP-14": "Logging out of one shop must not throw the user out of every other application.",
    "APP-15": "After a change of users one must never see the basket, the orders or the rights of the other.",
    "APP-16": "A logout at home must not end the session at work, and no browser may ever slip into another's session.",
    "APP-17": (
        "Both orders are safe as long as nobody counts as logged in before the login has succeeded; testers need to "
        "know which one they see."
    ),
    "APP-18": (
        "A user who wanted the orders should arrive there, and a return address that can be chosen freely is a gift "
        "to phishing."
    ),
    "APP-19": (
        "People log in from two tabs all the time; mixing the two up logs the wrong request in, or locks the user out."
    ),
    "APP-20": (
        "A logout that reaches the server but not the application leaves the user's pages open although they said "
        "goodbye."
    ),
    "APP-21": (
        "Back-channel logout is how a session ends where no browser is at hand; ignored, the account stays open, and "
        "taken too broadly, strangers are thrown out."
    ),
    "APP-22": "Otherwise anybody who can reach the endpoint logs out users at will with tokens of their own making.",
    "APP-23": "Without it a single logout leaves this application behind, still logged in.",
    "APP-24": "A session that never ends turns every forgotten browser and every stolen cookie into lasting access.",
    "APP-25": (
        "A session cookie that scripts, other sites or the plain network can read or send is a session for somebody "
        "else."
    ),
    "APP-26": (
        "A malicious or broken provider could otherwise log its own user in as the customer of another one (mix-up)."
    ),
    "APP-27": "A check in the background that suddenly shows a login page breaks the page that the user is reading.",
    "APP-28": "Otherwise the page goes on under one name while the server has already logged in another.",
    "APP-29": "A slow request that writes the session back undoes the logout, and nobody notices.",
    "APP-30": (
        "An application that asks for a fresh login before a payment and does not check the answer has only asked."
    ),
    "APP-31": "A cache in between would otherwise hand one customer's page to the next visitor.",
    "APP-32": "Otherwise an attacker links their own identity to a victim's account and comes back whenever they like.",
    # Authorization server
    "AS-01": (
        "A request without a session must lead to a login; anything else lets a stranger in or keeps the user out."
    ),
    "AS-02": "A visitor who only opened the login page must never be reported to an application as logged in.",
    "AS-03": "A user who gives the right password must be logged in, as themselves and at once.",
    "AS-04": "A wrong password that opens a session, or yields a code, is an open door.",
    "AS-05": (
        "An answer at another address, with another state or from another issuer reaches the wrong application, or "
        "makes the right one refuse it."
    ),
    "AS-06": "Whether users are asked is the server's policy; where they are, they must be able to see who asks.",
    "AS-07": "A user who says no must not be treated as having said yes, neither now nor at the next visit.",
    "AS-08": (
        "Single sign-on is the point of the server's session: asking again trains users to type passwords anywhere."
    ),
    "AS-09": "Asking again and again for the second factor teaches users to confirm without looking.",
    "AS-10": (
        "Otherwise a password alone opens what only a second factor should, and the application believes the claim."
    ),
    "AS-11": "Abandoning the second factor must not be a way around it.",
    "AS-12": (
        "Remains of the former session let one user act with the consents, the second factor or the tokens of another."
    ),
    "AS-13": (
        "Applications send this request in a hidden frame: a page there is never seen, and the user waits in vain."
    ),
    "AS-14": "A contradictory request that is answered anyway means that one of its two demands was quietly dropped.",
    "AS-15": (
        "Applications ask for it before a payment or a change of the address; a stale login must not pass for a fresh "
        "one."
    ),
    "AS-16": (
        "Somebody at an unlocked computer who cannot give the password must not make the session look freshly "
        "authenticated."
    ),
    "AS-17": "The application's limit on the age of a login is worth nothing if the server does not keep it.",
    "AS-18": (
        "Applications decide by auth_time whether the user was really there; one that moves by itself defeats them."
    ),
    "AS-19": "An application that asks about one user and gets a code for another continues in the wrong account.",
    "AS-20": "The application would otherwise hold a code of one user in the session of another.",
    "AS-21": (
        "Otherwise an attacker who planted a session identifier before the login shares the session after it (session "
        "fixation)."
    ),
    "AS-22": "A code that leaks through a log, a referrer or the history must be worthless once it has been used.",
    "AS-23": "A stolen code must be of no use to anybody who did not start the login.",
    "AS-24": "A code with another browser's user is somebody else's account on your screen.",
    "AS-25": (
        "Two logins at once are ordinary; an answer that is mixed up logs in the wrong user or at the wrong "
        "application."
    ),
    "AS-26": "Otherwise a foreign page logs the victim in as the attacker by posting the attacker's password.",
    "AS-27": "On a shared computer the back button would otherwise undo the logout of the user before.",
    "AS-28": "After a logout the next person at the computer must not be one click away from the account.",
    "AS-29": "Otherwise any page on the web can log users out with a link.",
    "AS-30": "A logout that goes to any address is an open redirect with the server's good name on it.",
    "AS-31": "A user who says no to a logout that somebody else started must not lose the session.",
    "AS-32": (
        "A cookie copied before the logout, by malware or from a backup, would otherwise stay a key to every "
        "application."
    ),
    "AS-33": "An application that is not told keeps the user logged in after a single logout.",
    "AS-34": "An application whose address is left out keeps the user logged in after a single logout.",
    "AS-35": (
        "Logout messages name the session by sid: one that changes by itself, or stays after a reset, ends the wrong "
        "session or none."
    ),
    "AS-36": (
        "A session that never ends turns every forgotten browser and every stolen cookie into lasting access to every "
        "application."
    ),
    "AS-37": (
        "Without values of its own in the request the server cannot tell its login from one that an attacker started."
    ),
    "AS-38": "A refusal or a replayed answer from the provider must not turn into a login.",
    "AS-39": "Otherwise what the first user was allowed stays with the second who came through the provider.",
    "AS-40": "Otherwise a fresh login asked for a payment is met by a provider session from this morning.",
    "AS-41": "A refresh token that outlives the logout keeps an application, or a thief, supplied with access.",
    "AS-42": "When an account is known to be stolen, ending its sessions has to work now and everywhere.",
    "AS-43": (
        "An application asks for it because the user wants to see or change the choice; a silent answer takes it away."
    ),
    "AS-44": "A yes for one application, user or scope must not open another.",
    "AS-45": (
        "A session cookie or a login page that other sites can use lets them act as the user, or trick the user into "
        "clicking."
    ),
    "AS-46": "Somebody who has left the company must be out at once, not when the last token expires.",
    "AS-47": "Two requests at the same moment are an old way to spend something twice.",
    "AS-48": "A consent page left open before a logout must not be a way back into the account.",
    "AS-49": "A yes that was given to one request must not be spent on another.",
    "AS-50": "Somebody at a public computer who does not tick the box expects that closing the browser is enough.",
    "AS-51": "Otherwise an application keeps a session alive for ever that the user has long left.",
    "AS-52": "A password alone must open nothing where two factors are required.",
    "AS-53": "A logout that ends more than was asked takes work away from other users and other devices.",
    "AS-54": "An application must not be told of a second factor that nobody checked.",
    "AS-55": "Where a company ends a session at its provider, access at the applications behind it has to end too.",
    "AS-56": "Otherwise an attacker registers the victim's e-mail address elsewhere and walks into the account.",
    "AS-57": "The applications that a user reached without a prompt are the ones that a logout forgets most easily.",
    "AS-58": (
        "An application that is not told of an error leaves the user stranded; an error sent to an untrusted address "
        "is an open redirect."
    ),
    "AS-60": (
        "A native application takes whatever port is free when it starts, and an attacker's address must not be taken "
        "for one."
    ),
    "AS-59": "A session identifier that lived before the login may be known to somebody else.",
    # Identity provider
    "IDP-01": (
        "A request without a session must lead to a login; anything else lets a stranger in, and every server that "
        "trusts this provider with them."
    ),
    "IDP-02": "A wrong password here opens every server and application that trusts this provider.",
    "IDP-03": "Users choose a provider in order not to type a password again.",
    "IDP-04": "Logging out of a shop must not throw users out of their mail, or of the provider's own services.",
    "IDP-05": "Somebody who asks to be logged out everywhere must not be back with one click on the provider's button.",
    "IDP-06": "Whatever is wrong in the provider's sessions is wrong in every login that comes through it.",
    "IDP-07": "On a shared computer the next user would log in everywhere as the one before.",
    "IDP-08": "A page in answer to a silent check breaks applications that ask from a hidden frame, unseen by anybody.",
    "IDP-09": "A payment that is to be confirmed by a password would be confirmed by whoever sits at the computer.",
    "IDP-10": "An attacker who planted an identifier before the login would share the user's session after it.",
    "IDP-11": "A logout on one's telephone would log out the desktop, or a login there take it over.",
    "IDP-12": "A cookie that was copied from a computer would go on working after its owner has logged out.",
    "IDP-13": "A session that nobody ends stays open on every computer that was ever used.",
    # The layers together
    "SYS-01": "One session too many is one that no logout will end; one too few is a login that does not last.",
    "SYS-02": "A third session that nobody counted is the one that is still there after the logout.",
    "SYS-03": "An application that shows one user while the server has logged in another has mixed up two people.",
    "SYS-04": "A session that begins although nobody authenticated belongs to whoever happens to sit there.",
    "SYS-05": (
        "Users and administrators rely on what a logout ends: too little leaves accounts open, too much interrupts "
        "work elsewhere."
    ),
    "SYS-06": (
        "Whoever operates the application should know that its users may stay logged in after the server's session "
        "has ended."
    ),
    "SYS-07": "A state without a way out is a user who has to delete cookies to log in, or cannot log out at all.",
    "SYS-08": "What kind of application it is must not decide how safe its users are.",
}
