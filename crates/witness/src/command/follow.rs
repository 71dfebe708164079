// SPDX-License-Identifier: Apache-2.0
//! `comity-witness follow`: keep watch on a log.

use super::{Failure, policy, say};
use crate::FollowArgs;
use comity_witness::report::status;
use comity_witness::{Client, Follower, follow};
use std::time::Duration;

/// Looks once, or again and again until a split view is found.
pub fn run(args: &FollowArgs) -> Result<u8, Failure> {
    let trust = policy(&args.policy)?;
    let patience = Duration::from_secs(args.patience);
    let client = args.certificates.as_ref().map_or_else(|| Ok(Client::new(patience)), |file| Client::trusting(patience, file))?;
    let follower = Follower::new(&args.data);
    loop {
        let looked = follow::look_at(&follower, &client, &args.log, &trust, &mut |_, _| {});
        let done = looked.map_err(Failure::from).and_then(|(looked, unheard)| {
            for (name, problem) in unheard {
                eprintln!("{name}: {problem}");
            }
            say(args.format.format, &looked.lines(), &looked.to_json())?;
            Ok(looked.status())
        });
        let Some(every) = args.every else { return done };
        match done {
            Ok(status::NO) => return done,
            Ok(_) => {}
            // What is damaged stays so; what could not be reached may be tomorrow.
            Err(failure) if failure.status == status::NO => return Err(failure),
            Err(failure) => eprintln!("error: {}", failure.message),
        }
        std::thread::sleep(Duration::from_secs(every));
    }
}
